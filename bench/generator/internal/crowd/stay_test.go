package crowd

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// stayed is what a crowd says in that time, as "what who", and why.
func stayed(t *testing.T, r *room, s *Stay, lasts time.Duration, more ...string) []string {
	t.Helper()
	var said []string
	s.To, s.Room, s.PerSecond, s.Late = serveRoom(t, r, more...), "r", 1000, time.Second
	s.Say = func(e Event) { said = append(said, strings.TrimSpace(fmt.Sprintf("%s %d %s", e.What, e.Who, e.Why))) }
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	s.Run(ctx)
	return said
}

func count(said []string, text string) int {
	found := 0
	for _, one := range said {
		if strings.Contains(one, text) {
			found++
		}
	}
	return found
}

func TestWhoFallsOutComesInAgain(t *testing.T) {
	// Each number is a connection: of three people the first connections of two end after the join.
	r := &room{drop: func(number int) bool { return number < 2 }}
	said := stayed(t, r, &Stay{Participants: 3, Again: 50 * time.Millisecond, Ping: time.Second, Answer: time.Second}, 2*time.Second)
	if count(said, "in ") != 5 || count(said, "out ") != 2 || len(said) != 7 {
		t.Errorf("three come, two fall out and come again: %q", said)
	}
}

func TestOnlyTheSecondUnansweredPingEndsAConnection(t *testing.T) {
	short := &Stay{Participants: 1, Again: time.Millisecond, Ping: 50 * time.Millisecond, Answer: 30 * time.Millisecond}
	one := &room{mute: func(number int, query string) bool { return strings.Contains(query, "ping-2'") }}
	if said := stayed(t, one, short, 2*time.Second); count(said, "out") != 0 || count(said, "in ") != 1 {
		t.Errorf("one ping of many is not answered: %q", said)
	}
	all := &room{mute: func(number int, query string) bool { return number == 0 && strings.Contains(query, "ping-") }}
	said := stayed(t, all, &Stay{Participants: 1, Again: time.Millisecond, Ping: 50 * time.Millisecond, Answer: 30 * time.Millisecond}, 2*time.Second)
	if count(said, "out 0 "+errDeaf.Error()) != 1 || count(said, "in ") != 2 {
		t.Errorf("no ping of the first connection is answered: %q", said)
	}
}

func TestVisitorsComeAndGo(t *testing.T) {
	refused := &room{refuse: func(number int) bool { return number == 1 }}
	said := stayed(t, refused, &Stay{Visitors: 1, Ping: time.Second, Answer: time.Second}, 4*time.Second)
	if visits := count(said, "visited 0"); visits < 2 || count(said, "refused 0 HTTP status 429") != 1 {
		t.Errorf("one visitor, the second time refused: %q", said)
	}
}

func TestGuestsLogInToADomainOfTheirOwnAndEnterTheSameRoom(t *testing.T) {
	var asked []string
	r := &room{mute: func(_ int, query string) bool { asked = append(asked, query); return false }}
	crowd := &Stay{Participants: 1, Ping: 50 * time.Millisecond, Answer: time.Second}
	said := stayed(t, r, crowd, time.Second, "-login", "guest."+domain)
	if count(said, "in 0") != 1 || count(r.opened, "guest."+domain) != len(r.opened) || len(r.opened) != 2 {
		t.Errorf("a guest comes in: %q, after opening %q", said, r.opened)
	}
	if count(asked, "to='guest."+domain+"'><ping") == 0 {
		t.Errorf("a guest asks the server that he is logged in to: %q", asked)
	}
}
