package hocon

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func above(t *testing.T, reference, text string) (merged, own *Config) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "daemon.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	merged, own, err := LoadAbove(reference, file)
	if err != nil {
		t.Fatal(err)
	}
	return merged, own
}

func TestAFileRefersToWhatIsBuiltIn(t *testing.T) {
	const reference = `f { rate = 30, input = [ "-r", ${f.rate} ], command = [ "x" ] ${f.input} [ "-end" ] }`
	merged, own := above(t, reference, "f { rate = 5, more = ${f.input} [ \"y\" ] }\n")
	for path, want := range map[string][]string{
		"f.command": {"x", "-r", "5", "-end"},
		"f.more":    {"-r", "5", "y"},
	} {
		if got := merged.Strings(path, nil); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, wanted %v", path, got, want)
		}
	}
	if got := own.LeafPaths(); !reflect.DeepEqual(got, [][]string{{"f", "rate"}, {"f", "more"}}) {
		t.Errorf("the file itself holds %v", got)
	}
}

func TestAListOfObjects(t *testing.T) {
	merged, _ := above(t, "e = []", `e = [ { name = a, login { user = u } }, { name = b } ]`)
	list := merged.List("e")
	if len(list) != 2 || list[0].String("login.user", "") != "u" || list[1].String("name", "") != "b" {
		t.Errorf("got %v", list)
	}
}
