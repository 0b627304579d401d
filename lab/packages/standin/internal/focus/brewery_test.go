package focus

import (
	"strings"
	"testing"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

const replyTimeout = 60 * time.Millisecond

// afterLoss is a jicofo with a bridge and 3 endpoints on it, back in the brewery's connection after having been away. It returns
// what it printed and when it asked to be let in, in reply timeouts since its return; nothing if it did not within four.
func afterLoss(t *testing.T, away time.Duration, losesBrewery bool) (f *Focus, log string, asked []int) {
	t.Helper()
	f = silentFocus(settings{brewery: "b@d", client: login{replyTimeout: replyTimeout}})
	f.losesBrewery = losesBrewery
	f.bridges.update("b@d/1", presence.Stats{"drain": "false"}, nil)
	f.bridges.update("b@d/1", presence.Stats{"drain": "false"}, presence.Endpoints{"room": 3})
	joins := make(chan time.Time, 4)
	f.enter = func(*xmpp.Session, string) { joins <- time.Now() }
	log = printed(t, func() {
		returned := time.Now()
		f.offlineFrom = returned.Add(-away)
		f.enterBrewery(nil)
		time.Sleep(4 * replyTimeout)
		for len(joins) > 0 {
			asked = append(asked, int((<-joins).Sub(returned)/replyTimeout))
		}
	})
	return f, log, asked
}

func TestAShortLossOfTheBreweryCutsEverybodyOff(t *testing.T) {
	f, log, asked := afterLoss(t, 0, false)
	if len(asked) != 1 || asked[0] < 2 || !strings.Contains(log, "SEVERE: [31] [brewery=b@d] BaseBrewery.start#203: Failed to create room.") {
		t.Errorf("asked after %v reply timeouts; %s", asked, log)
	}
	if f.silent.take()["room"] != 3 || f.cut.Load() != 3 || f.bridges.counts().lost != 1 {
		t.Errorf("cut %d, %+v", f.cut.Load(), f.bridges.counts())
	}
}

func TestAnOlderJicofoLosesTheBreweryForGood(t *testing.T) {
	if _, log, asked := afterLoss(t, 0, true); len(asked) != 0 || !strings.Contains(log, "Failed to create room.") {
		t.Errorf("asked after %v; %s", asked, log)
	}
}

func TestALongLossOfTheBreweryCutsNobodyOffAndIsForgotten(t *testing.T) {
	f, log, asked := afterLoss(t, replyTimeout, false)
	if len(asked) != 1 || asked[0] != 0 || f.cut.Load() != 0 || strings.Contains(log, "SEVERE") {
		t.Errorf("asked after %v, cut %d; %s", asked, f.cut.Load(), log)
	}
	f.leaveBrewery()
	time.Sleep(2 * replyTimeout)
	if !f.runsOn("room") || f.cut.Load() != 0 || f.bridges.counts().all != 0 {
		t.Errorf("what was on the bridges: %v, cut %d, %+v", f.audible, f.cut.Load(), f.bridges.counts())
	}
}

func TestAResumedStreamLosesNothingUnlessItComesTooLate(t *testing.T) {
	for late, want := range map[bool]int{false: 1, true: 0} {
		f := silentFocus(settings{brewery: "b@d", client: login{replyTimeout: replyTimeout}})
		asked := 0
		f.enter = func(*xmpp.Session, string) { asked++ }
		f.bridges.update("b@d/1", presence.Stats{"drain": "false"}, nil)
		f.leaveBrewery()
		if late {
			time.Sleep(2 * replyTimeout)
		}
		f.resumeBrewery(nil)
		time.Sleep(2 * replyTimeout)
		if got := f.bridges.counts().all; got != want || asked != 1-want {
			t.Errorf("late %v: %d bridges, asked in %d times", late, got, asked)
		}
	}
}
