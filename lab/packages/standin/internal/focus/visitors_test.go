package focus

import (
	"testing"

	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

func request(properties ...string) *xmpp.Element {
	asked := xmpp.New(nsFocus, "conference", "room", hall)
	for _, name := range properties {
		asked = asked.With(xmpp.New(nsFocus, "property", "name", name, "value", "1"))
	}
	return &asked
}

// focusWith is a focus with so many people in the main room, and a node at which it is in the conference's room already.
func focusWith(people, most int, isUsed bool) *Focus {
	log := &startup.Log{Program: "test"}
	f := &Focus{log: log, settings: settings{visitors: visitorSettings{enabled: true, maxMain: most, maxOf: 10}}}
	f.rooms, f.visitors = newRooms(f), newVisitors(f)
	occupants := map[string]member{}
	for i := range people {
		occupants[string(rune('a'+i))] = member{}
	}
	f.rooms.open[hall] = &room{isJoined: true, occupants: occupants}
	if isUsed {
		joined := make(chan struct{})
		close(joined)
		f.visitors.open[hall] = map[string]*nodeRoom{"v1": {name: "hall@conference.v1", joined: joined, isIn: true}}
	}
	return f
}

func TestWhoIsRedirected(t *testing.T) {
	for what, c := range map[string]struct {
		focus    *Focus
		request  *xmpp.Element
		expected string
	}{
		"not who comes while there is room":           {focusWith(2, 3, false), request("visitors-version"), ""},
		"not who comes to a full room without a node": {focusWith(3, 3, false), request("visitors-version"), ""},
		"everybody once there are visitors":           {focusWith(1, 3, true), request("visitors-version"), "v1"},
		"nobody whose page does not know visitors":    {focusWith(3, 3, true), request("startAudioMuted"), ""},
	} {
		if found := c.focus.visitors.redirect(hall, c.request); found != c.expected {
			t.Errorf("%s: %q", what, found)
		}
	}
}
