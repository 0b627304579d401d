package xmpp

import (
	"slices"
	"testing"
)

// presenceOf is a presence from an occupant of the room b@d, about ourselves if a code says so.
func presenceOf(nickname, kind string, codes ...string) *Element {
	x := New(nsMUCUser, "x")
	for _, code := range codes {
		x = x.With(New(nsMUCUser, "status", "code", code))
	}
	stanza := New("", "presence", "from", "b@d/"+nickname)
	if kind != "" {
		stanza = New("", "presence", "from", "b@d/"+nickname, "type", kind)
	}
	stanza = stanza.With(x)
	return &stanza
}

func TestAMemberHearsOfItselfAndOfOthers(t *testing.T) {
	var heard []string
	member := Member{
		Enter:   func(*Session) { heard = append(heard, "enter") },
		Refused: func(problem *StanzaError) { heard = append(heard, "refused "+problem.Condition) },
		Inside: func(isInside bool) {
			heard = append(heard, map[bool]string{true: "inside", false: "outside"}[isInside])
		},
		Changed: func(stanza *Element) { heard = append(heard, "changed "+stanza.Attr("from")) },
		Left:    func(jid string) { heard = append(heard, "left "+jid) },
	}
	for _, stanza := range []*Element{
		presenceOf("own", "", "110"), presenceOf("rec-1", ""), presenceOf("rec-1", "unavailable"),
		presenceOf("own", "unavailable", "110"), presenceOf("own", "error"),
	} {
		member.Presence(nil, stanza)
	}
	want := []string{"inside", "changed b@d/rec-1", "left b@d/rec-1", "outside", "refused undefined-condition"}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q", heard)
	}
	deaf := Member{Inside: member.Inside}
	deaf.Presence(nil, presenceOf("rec-1", ""))
	deaf.Presence(nil, presenceOf("rec-1", "unavailable"))
	if len(heard) != len(want) {
		t.Errorf("heard %q", heard)
	}
}
