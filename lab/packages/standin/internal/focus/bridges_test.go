package focus

import (
	"testing"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
)

func brewery(t *testing.T, bridges map[string]presence.Stats) *selector {
	t.Helper()
	s := &selector{
		settings: settings{maxParticipants: 80, stressThreshold: 0.8, presenceTimeout: time.Minute},
		log:      &startup.Log{Program: "test"}, bridges: map[string]*bridge{},
	}
	for jid, stats := range bridges {
		s.update(jid, stats, nil)
		s.update(jid, stats, presence.Endpoints{"room": 1})
	}
	return s
}

func TestWhatABridgeCarriedBeforeIsNothingThatJicofoKnows(t *testing.T) {
	s := brewery(t, nil)
	stats := presence.Stats{"drain": "false"}
	if got := s.update("b/1", stats, presence.Endpoints{"old": 5, "gone": 2}); !got.isNew {
		t.Errorf("got %+v", got)
	}
	s.update("b/1", stats, presence.Endpoints{"old": 7, "fresh": 3})
	one := func() bridge { return s.snapshot()[0] }
	b := one()
	if own := b.own(); own["old"] != 2 || own["fresh"] != 3 || own.Total() != 5 {
		t.Errorf("own: %v", own)
	}
	s.update("b/1", stats, presence.Endpoints{"old": 7, "fresh": 3, "gone": 2})
	if b = one(); b.own()["gone"] != 2 {
		t.Errorf("those who left and came back are known: %v", b.own())
	}
	taken := s.adopt(of("old"))
	if b = one(); taken["b/1"]["old"] != 5 || b.own()["old"] != 7 || len(s.adopt(of("old"))) != 0 {
		t.Errorf("adopted %v, own %v", taken, b.own())
	}
	if had := s.clear(); had.Total() != 12 || len(s.snapshot()) != 0 {
		t.Errorf("had %v", had)
	}
}

func TestPickPrefersTheOneThatStays(t *testing.T) {
	s := brewery(t, map[string]presence.Stats{
		"b/victim":   {"drain": "false", "stress_level": "0.0"},
		"b/draining": {"drain": "true", "stress_level": "0.0"},
		"b/busy":     {"drain": "false", "stress_level": "0.5"},
		"b/silent":   {"stress_level": "0.0"}, // says nothing of drain: taken as draining
		"b/leaving":  {"drain": "false", "graceful_shutdown": "true"},
		"b/over":     {"drain": "false", "stress_level": "0.9"},
	})
	if got, ok := s.pick("b/victim"); !ok || got.jid != "b/busy" {
		t.Errorf("got %s", got.jid)
	}
	s.setFailing("b/busy", true)
	if got, _ := s.pick("b/victim"); got.jid != "b/victim" {
		t.Errorf("nobody else fits, still got %s", got.jid)
	}
}

func TestAllDrainingIsAPreferenceNotALock(t *testing.T) {
	s := brewery(t, map[string]presence.Stats{"b/1": {"drain": "true"}})
	if got, ok := s.pick("b/1"); !ok || got.jid != "b/1" {
		t.Errorf("got %v %v", got.jid, ok)
	}
}

func TestCountsAndLosses(t *testing.T) {
	s := brewery(t, map[string]presence.Stats{
		"b/1": {"drain": "false", "version": "1"},
		"b/2": {"drain": "true", "version": "2"},
		"b/3": {"shutting_down": "true", "version": "2"},
	})
	s.setFailing("b/1", true)
	if got := s.counts(); got != (counts{all: 3, operational: 2, willing: 2, leaving: 1, versions: 2}) {
		t.Errorf("got %+v", got)
	}
	if left := s.remove("b/1"); left.Total() != 1 {
		t.Errorf("endpoints of a lost bridge: %v", left)
	}
	if left := s.remove("b/3"); left != nil {
		t.Errorf("a bridge that shut down leaves no endpoints: %v", left)
	}
	if got := s.counts(); got.lost != 1 || got.all != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestShuttingDownHandsItsEndpointsOverOnce(t *testing.T) {
	s := brewery(t, map[string]presence.Stats{"b/1": {"drain": "false"}})
	leaving := presence.Stats{"drain": "false", "shutting_down": "true"}
	if got := s.update("b/1", leaving, presence.Endpoints{"room": 5}); got.leaving.Total() != 5 {
		t.Errorf("got %v", got)
	}
	if got := s.update("b/1", leaving, presence.Endpoints{"room": 5}); got.leaving != nil {
		t.Errorf("twice: %v", got)
	}
}

func TestShareOfEndpoints(t *testing.T) {
	for _, c := range []struct {
		fraction float64
		want     int
	}{{1, 7}, {0.1, 1}, {0.5, 4}, {0, 0}} {
		if got := share(presence.Endpoints{"a": 7}, c.fraction); got.Total() != c.want {
			t.Errorf("%v: got %v", c.fraction, got)
		}
	}
}

func TestPresenceTellsWhoIsHealthy(t *testing.T) {
	s := brewery(t, map[string]presence.Stats{
		"b/well":  {"drain": "false", "healthy": "true"},
		"b/ill":   {"drain": "false", "healthy": "false"},
		"b/still": {"drain": "false", "healthy": "true"},
	})
	s.failureReset = 50 * time.Millisecond
	s.bridges["b/still"].seen = time.Now().Add(-2 * s.presenceTimeout)
	if leaving := s.judgePresences(); len(leaving) != 1 || leaving["b/ill"].Total() != 1 {
		t.Errorf("endpoints leave an unhealthy bridge, and a silent one keeps them: %v", leaving)
	}
	operational := func() (names []string) {
		for _, b := range s.snapshot() {
			if s.operational(&b) {
				names = append(names, b.jid)
			}
		}
		return names
	}
	if got := operational(); len(got) != 1 || got[0] != "b/well" {
		t.Errorf("operational: %v", got)
	}
	for _, jid := range []string{"b/ill", "b/still"} {
		s.update(jid, presence.Stats{"drain": "false", "healthy": "true"}, nil)
	}
	s.judgePresences()
	if got := operational(); len(got) != 1 {
		t.Errorf("before the reset threshold is over: %v", got)
	}
	time.Sleep(60 * time.Millisecond)
	if got := operational(); len(got) != 3 {
		t.Errorf("after it: %v", got)
	}
}
