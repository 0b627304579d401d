package hocon

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	config, err := Parse("test.conf", text)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestReadsWhatTheDaemonsRead(t *testing.T) {
	t.Setenv("STANDIN_PASSWORD", `p"a#s{s}`)
	config := mustParse(t, `
# comment
jicofo { // another
  xmpp { client { hostname = "127.0.0.1", port: 5222
      password = ${STANDIN_PASSWORD} } }
  xmpp.service.enabled = true
  bridge.health-checks { interval = 10 seconds, retry-delay=1.5s }
  conference.source-signaling-delays = { "50" = 500, 100 = 1000 }
  xmpp.trusted-domains = [ "recorder.d",
     "auth.d" ]
}
jicofo.xmpp.client.port = 5223
`)
	equal := func(got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	equal(config.String("jicofo.xmpp.client.password", ""), `p"a#s{s}`)
	equal(config.Int("jicofo.xmpp.client.port", 0), 5223)
	equal(config.Bool("jicofo.xmpp.service.enabled", false), true)
	equal(config.Duration("jicofo.bridge.health-checks.interval", 0), 10*time.Second)
	equal(config.Duration("jicofo.bridge.health-checks.retry-delay", 0), 1500*time.Millisecond)
	equal(config.Strings("jicofo.xmpp.trusted-domains", nil), []string{"recorder.d", "auth.d"})
	equal(config.Names("jicofo.conference.source-signaling-delays"), []string{"50", "100"})
}

func TestSubstitutions(t *testing.T) {
	t.Setenv("STANDIN_PORT", "9")
	config := mustParse(t, `
a = 1
a = ${?STANDIN_UNSET}
b = 1
b = ${?STANDIN_PORT}
c = ${a}
url = "http://"${c}"/x"
base { x = 1, y = 2 }
over = ${base} { y = 3 }
list = [1]
list += 2
list = ${list} [3]
gone = ${?STANDIN_UNSET}
`)
	for path, want := range map[string]string{
		"a": "1", "b": "9", "c": "1", "url": "http://1/x", "over.x": "1", "over.y": "3", "gone": "none",
	} {
		if got := config.String(path, "none"); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if got := config.Strings("list", nil); !reflect.DeepEqual(got, []string{"1", "2", "3"}) {
		t.Errorf("list: got %v", got)
	}
}

func TestUnsetVariableIsNamed(t *testing.T) {
	_, err := Parse("jvb.conf", "a {\n p = ${STANDIN_UNSET}\n}")
	var unresolved *UnresolvedError
	if !errors.As(err, &unresolved) {
		t.Fatalf("got %v", err)
	}
	want := "jvb.conf: 2: Could not resolve substitution to a value: ${STANDIN_UNSET}"
	if err.Error() != want {
		t.Errorf("got %q", err)
	}
}

func TestRefusesWhatTheRealParserRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"open brace":       "a { b = 1\n",
		"extra brace":      "a = 1\n}\n",
		"open quote":       "a = \"x\nb = 2\n",
		"open list":        "a = [1, 2\n",
		"unquoted address": "a { MUC_JIDS=room@muc.d\n }",
		"no value":         "a =\n}",
		"no separator":     "a { b 1 }",
		"two commas":       "a = [1,,2]",
		"cycle":            "a = ${b}\nb = ${a}",
		"mixed":            "a = [1] { b = 2 }",
		"missing brace":    "{ a = 1",
		"open substitute":  "a = ${X\n",
		"bad escape":       `a = "\q"`,
	} {
		if config, err := Parse("x.conf", text); err == nil {
			t.Errorf("%s: accepted as %v", name, config.LeafPaths())
		} else if !strings.HasPrefix(err.Error(), "x.conf: ") {
			t.Errorf("%s: error names no file: %v", name, err)
		}
	}
}

func TestWrongTypeIsAnError(t *testing.T) {
	config := mustParse(t, "a.port = many")
	err := Check(func() { config.Int("a.port", 1) })
	if err == nil || !strings.Contains(err.Error(), `a.port has the value "many", expected a whole number`) {
		t.Errorf("got %v", err)
	}
}

func TestLeafPaths(t *testing.T) {
	config := mustParse(t, `a { b = [ { x = 1 }, { y = 2 } ], c = [1], d {}, "e.f" = 1 }`)
	want := [][]string{{"a", "b[]", "x"}, {"a", "b[]", "y"}, {"a", "c"}, {"a", "e.f"}}
	if got := config.LeafPaths(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}
