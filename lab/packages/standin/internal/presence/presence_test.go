package presence

import (
	"encoding/xml"
	"reflect"
	"strings"
	"testing"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

func overTheWire(t *testing.T, element xmpp.Element) *xmpp.Element {
	t.Helper()
	read := &xmpp.Element{}
	if err := xml.Unmarshal([]byte(element.String()), read); err != nil {
		t.Fatalf("%s: %v", element, err)
	}
	return read
}

func TestStatsSurviveTheWire(t *testing.T) {
	stats := Stats{"region": "eu", "relay_id": "a'<&>", "drain": "false", "threads": "9"}
	sent := xmpp.RoomPresence("brewery@muc.t", "a", stats.Element(nil), Endpoints{"r@c": 3}.Element())
	got := overTheWire(t, sent)
	if !reflect.DeepEqual(ReadStats(got), stats) {
		t.Errorf("stats: got %v", ReadStats(got))
	}
	if endpoints := ReadEndpoints(got); !reflect.DeepEqual(endpoints, Endpoints{"r@c": 3}) {
		t.Errorf("endpoints: got %v", endpoints)
	}
	if text := sent.String(); !strings.Contains(text, "<stats xmlns='http://jitsi.org/protocol/colibri'><stat name='drain' value='false'>") {
		t.Errorf("format: %s", text)
	}
}

func TestWhitelistKeepsOnlyItsNames(t *testing.T) {
	got := ReadStats(overTheWire(t, xmpp.New("", "presence").With(Stats{"drain": "true", "threads": "9"}.Element([]string{"drain"}))))
	if !reflect.DeepEqual(got, Stats{"drain": "true"}) {
		t.Errorf("got %v", got)
	}
}

func TestForeignPresenceHasNoStats(t *testing.T) {
	if ReadStats(overTheWire(t, xmpp.New("", "presence"))) != nil {
		t.Error("stats out of nothing")
	}
}

func TestSumsAndDifferencesOfEndpoints(t *testing.T) {
	all := Endpoints{"a": 3}.Plus(Endpoints{"a": 1, "b": 2})
	if all["a"] != 4 || all["b"] != 2 {
		t.Errorf("got %v", all)
	}
	left := all.Minus(Endpoints{"a": 1, "b": 5})
	if left["a"] != 3 || len(left) != 1 {
		t.Errorf("got %v", left)
	}
	if out := left.Negative(); out["a"] != -3 {
		t.Errorf("got %v", out)
	}
}
