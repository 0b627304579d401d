package focus

import (
	"maps"
	"sort"
	"strconv"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
)

// bridge is what jicofo knows of one occupant of the brewery.
type bridge struct {
	jid       string // occupant: brewery/nickname
	stats     presence.Stats
	endpoints presence.Endpoints
	seen      time.Time
	failing   bool      // a health check failed or the presence says so
	failedAt  time.Time // when that was seen last
	moved     bool      // its endpoints were moved away because it is shutting down
}

func (b *bridge) truth(name string) bool { return b.stats[name] == "true" }

// draining is true until the bridge says otherwise, as for the real jicofo.
func (b *bridge) draining() bool { return b.stats["drain"] != "false" }

func (b *bridge) stress() float64 {
	stress, err := strconv.ParseFloat(b.stats["stress_level"], 64)
	if err != nil {
		return 0
	}
	return stress
}

func (b *bridge) leaving() bool { return b.truth("graceful_shutdown") || b.truth("shutting_down") }

// fail notes the outcome of a check.
func (b *bridge) fail(failing bool) {
	b.failing = failing
	if failing {
		b.failedAt = time.Now()
	}
}

func (b *bridge) version() string { return b.stats["version"] + "-" + b.stats["release"] }

// selector knows the bridges and picks one.
type selector struct {
	settings
	log     *startup.Log
	mutex   sync.Mutex
	bridges map[string]*bridge
	lost    int64
}

// update takes a bridge's presence. It returns the endpoints that have to go elsewhere, because the bridge has
// just said that it is shutting down.
func (s *selector) update(jid string, stats presence.Stats, endpoints presence.Endpoints) presence.Endpoints {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	b := s.bridges[jid]
	if b == nil {
		b = &bridge{jid: jid}
		s.bridges[jid] = b
		s.log.Info("Added new videobridge: Bridge[jid=%s, version=%s, relayId=%s, region=%s]",
			jid, stats["version"], stats["relay_id"], stats["region"])
	}
	if endpoints == nil {
		endpoints = presence.Endpoints{}
	}
	b.stats, b.endpoints, b.seen = stats, endpoints, time.Now()
	if b.truth("shutting_down") && !b.moved && endpoints.Total() > 0 {
		b.moved = true
		return maps.Clone(endpoints)
	}
	return nil
}

// remove forgets a bridge that left the brewery and returns the endpoints that it had.
func (s *selector) remove(jid string) presence.Endpoints {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	b := s.bridges[jid]
	if b == nil {
		return nil
	}
	delete(s.bridges, jid)
	s.log.Info("Removing JVB: %s", jid)
	if b.leaving() {
		return nil
	}
	s.lost++
	return b.endpoints
}

// clear forgets all bridges: the connection to the brewery is gone.
func (s *selector) clear() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for jid, b := range s.bridges {
		s.log.Info("Removing JVB: %s", jid)
		if !b.leaving() {
			s.lost++
		}
	}
	s.bridges = map[string]*bridge{}
}

func (s *selector) operational(b *bridge) bool {
	recovering := !b.failedAt.IsZero() && time.Since(b.failedAt) < s.failureReset
	return !b.failing && !recovering
}

// setFailing notes the result of a health check.
func (s *selector) setFailing(jid string, failing bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if b := s.bridges[jid]; b != nil {
		if b.failing != failing {
			s.log.Warn("Bridge %s: health check failing=%v", jid, failing)
		}
		b.fail(failing)
	}
}

// judgePresences does what the real jicofo does at each interval with health-checks.use-presence: a bridge whose last
// presence is too old is not operational, and its endpoints stay where they are; one that calls itself unhealthy is not
// operational and loses them. It returns the endpoints that have to go elsewhere, by the bridge they were on.
func (s *selector) judgePresences() map[string]presence.Endpoints {
	leaving := map[string]presence.Endpoints{}
	for _, b := range s.snapshot() {
		silent := time.Since(b.seen) > s.presenceTimeout
		unhealthy := b.stats["healthy"] == "false"
		s.setFailing(b.jid, silent || unhealthy)
		if unhealthy && !silent {
			leaving[b.jid] = b.endpoints
		}
	}
	return leaving
}

// snapshot returns copies of all bridges, ordered by JID.
func (s *selector) snapshot() []bridge {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := make([]bridge, 0, len(s.bridges))
	for _, b := range s.bridges {
		found = append(found, *b)
	}
	sort.Slice(found, func(i, j int) bool { return found[i].jid < found[j].jid })
	return found
}

// pick chooses the bridge for endpoints that leave one: operational, not leaving; rather not draining, rather not
// full or overloaded, then the least loaded. Only if there is no other does it fall back on the bridge itself.
func (s *selector) pick(leaving string) (bridge, bool) {
	var candidates []bridge
	for _, b := range s.snapshot() {
		if s.operational(&b) && !b.leaving() {
			candidates = append(candidates, b)
		}
	}
	rank := func(b *bridge) int {
		switch {
		case b.draining():
			return 2
		case s.full(b):
			return 1
		}
		return 0
	}
	sort.SliceStable(candidates, func(i, j int) bool {
		a, b := &candidates[i], &candidates[j]
		if rank(a) != rank(b) {
			return rank(a) < rank(b)
		}
		if (a.jid == leaving) != (b.jid == leaving) {
			return b.jid == leaving
		}
		return a.stress() < b.stress()
	})
	if len(candidates) == 0 {
		return bridge{}, false
	}
	return candidates[0], true
}

func (s *selector) full(b *bridge) bool {
	for _, count := range b.endpoints {
		if s.maxParticipants >= 0 && count >= s.maxParticipants {
			return true
		}
	}
	return b.stress() >= s.stressThreshold
}

// counts are the numbers of /stats and /metrics.
type counts struct{ all, operational, leaving, versions, lost int }

func (s *selector) counts() counts {
	c := counts{}
	versions := map[string]bool{}
	for _, b := range s.snapshot() {
		c.all++
		versions[b.version()] = true
		if s.operational(&b) {
			c.operational++
		}
		if b.leaving() {
			c.leaving++
		}
	}
	c.versions = len(versions)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c.lost = int(s.lost)
	return c
}
