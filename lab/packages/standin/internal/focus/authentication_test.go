package focus

import (
	"testing"
	"time"
)

const (
	hall      = "hall@conference.d"
	moderator = "anna@d/1"
	guest     = "x@guest.d/2"
)

func xmppLogins() *logins {
	return newLogins(authentication{enabled: true, domain: "d", lifetime: time.Hour})
}

func conditionOf(l *logins, q question, exists bool) string { return l.judge(q, exists).condition }

func TestWithoutAuthenticationEverybodyOpensRooms(t *testing.T) {
	if got := conditionOf(newLogins(authentication{}), question{room: hall, jid: guest}, false); got != "" {
		t.Error(got)
	}
}

func TestAGuestWaitsUntilTheRoomIsThere(t *testing.T) {
	l := xmppLogins()
	if got := conditionOf(l, question{room: hall, jid: guest}, false); got != "not-authorized" {
		t.Errorf("before: %q", got)
	}
	if got := l.judge(question{room: hall, jid: guest}, true); got.condition != "" || got.login != nil {
		t.Errorf("after: %+v", got)
	}
}

func TestAModeratorLogsInWithAMachine(t *testing.T) {
	l := xmppLogins()
	if got := conditionOf(l, question{room: hall, jid: moderator}, false); got != "not-acceptable" {
		t.Errorf("without a machine: %q", got)
	}
	found := l.judge(question{room: hall, jid: moderator, machine: "m"}, false)
	if found.condition != "" || found.login.identity != "anna@d" || !l.holds(moderator) || l.holds(guest) {
		t.Errorf("got %+v", found)
	}
}

func TestALoginCountsOnItsMachineOnly(t *testing.T) {
	l := xmppLogins()
	id := l.judge(question{room: hall, jid: moderator, machine: "m"}, false).login.id
	// The page goes on as a guest with the login that it got as a moderator.
	if got := l.judge(question{room: hall, jid: guest, machine: "m", session: id}, false); got.login == nil || !l.holds(guest) {
		t.Errorf("same machine: %+v", got)
	}
	if got := conditionOf(l, question{room: hall, jid: guest, machine: "n", session: id}, true); got != "not-acceptable" {
		t.Errorf("another machine: %q", got)
	}
	if got := l.judge(question{room: hall, jid: guest, machine: "m", session: "guessed"}, true); got.text != "invalid session" {
		t.Errorf("unknown: %+v", got)
	}
}

func TestALoginEnds(t *testing.T) {
	l := xmppLogins()
	now := time.Now()
	l.now = func() time.Time { return now }
	id := l.judge(question{room: hall, jid: moderator, machine: "m"}, false).login.id
	l.ended("other@conference.d")
	if !l.holds(moderator) {
		t.Error("with another conference")
	}
	now = now.Add(2 * time.Hour)
	if got := conditionOf(l, question{room: hall, jid: moderator, machine: "m", session: id}, true); got != "not-acceptable" {
		t.Errorf("after its time: %q", got)
	}
	l.judge(question{room: hall, jid: moderator, machine: "m"}, false)
	l.ended(hall)
	if l.holds(moderator) {
		t.Error("still there after its conference")
	}
	l.autoLogin = true
	l.judge(question{room: hall, jid: moderator, machine: "m"}, false)
	l.ended(hall)
	if !l.holds(moderator) {
		t.Error("gone although it was to survive")
	}
}

func TestNobodyIsKnownOverHTTP(t *testing.T) {
	l := xmppLogins()
	if got := conditionOf(l, question{room: hall}, true); got != "internal-server-error" {
		t.Errorf("without a login: %q", got)
	}
	id := l.judge(question{room: hall, jid: moderator, machine: "m"}, false).login.id
	if got := conditionOf(l, question{room: hall, session: id, machine: "m"}, false); got != "not-authorized" {
		t.Errorf("a new room: %q", got)
	}
}

func TestOwners(t *testing.T) {
	l := xmppLogins()
	l.judge(question{room: hall, jid: moderator, machine: "m"}, false)
	members := []member{{jid: guest}, {jid: moderator}}
	for name, c := range map[string]struct {
		focus   *Focus
		members []member
		want    string
	}{
		"who is logged in":          {&Focus{logins: l, settings: settings{autoOwner: true}}, members, moderator},
		"the first":                 {&Focus{logins: newLogins(authentication{}), settings: settings{autoOwner: true}}, members, guest},
		"nobody beside an owner":    {&Focus{logins: newLogins(authentication{}), settings: settings{autoOwner: true}}, []member{{jid: guest}, {jid: "o@d", isOwner: true}}, ""},
		"nobody without the switch": {&Focus{logins: newLogins(authentication{})}, members, ""},
	} {
		got := ""
		for _, jid := range c.focus.owners(c.members) {
			got += jid
		}
		if got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}
