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
	endpoints presence.Endpoints // what it carries
	orphans   presence.Endpoints // of these, what this jicofo did not put there, or has forgotten
	seen      time.Time
	failing   bool      // a health check failed or the presence says so
	failedAt  time.Time // when that was seen last
	moved     bool      // its endpoints were moved away because it is shutting down
}

// own are the endpoints that jicofo knows to be on the bridge: it counts and moves these and no other.
func (b *bridge) own() presence.Endpoints { return b.endpoints.Minus(b.orphans) }

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
	deaf    map[string]bool // bridges that are not heard any more
	lost    int64
}

// news is what a presence tells.
type news struct {
	isNew   bool               // the bridge was not known
	leaving presence.Endpoints // have to go elsewhere, because the bridge has just said that it is shutting down
}

// update takes a bridge's presence. What a bridge carries when it is first heard of is nothing that jicofo knows.
func (s *selector) update(jid string, stats presence.Stats, endpoints presence.Endpoints) news {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.deaf[jid] {
		return news{}
	}
	if endpoints == nil {
		endpoints = presence.Endpoints{}
	}
	b := s.bridges[jid]
	isNew := b == nil
	if isNew {
		b = &bridge{jid: jid, orphans: maps.Clone(endpoints)}
		s.bridges[jid] = b
		s.log.Info("Added new videobridge: Bridge[jid=%s, version=%s, relayId=%s, region=%s]",
			jid, stats["version"], stats["relay_id"], stats["region"])
	}
	b.stats, b.endpoints, b.seen = stats, endpoints, time.Now()
	for conference, count := range b.orphans {
		b.orphans[conference] = min(count, endpoints[conference])
	}
	if b.truth("shutting_down") && !b.moved && b.own().Total() > 0 {
		b.moved = true
		return news{isNew, b.own()}
	}
	return news{isNew: isNew}
}

// adopt takes those orphans as ours that are meant: somebody is about to expire them.
func (s *selector) adopt(meant func(bridge, conference string) bool) map[string]presence.Endpoints {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := map[string]presence.Endpoints{}
	for jid, b := range s.bridges {
		taken := presence.Endpoints{}
		for name, count := range b.orphans {
			if count > 0 && meant(jid, name) {
				taken[name] = count
				delete(b.orphans, name)
			}
		}
		if len(taken) > 0 {
			found[jid] = taken
		}
	}
	return found
}

// remove forgets a bridge that left the brewery and returns the endpoints that jicofo had on it.
func (s *selector) remove(jid string) presence.Endpoints {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	b := s.bridges[jid]
	if b == nil {
		return nil
	}
	s.forgetLocked(b)
	if b.leaving() {
		return nil
	}
	return b.own()
}

func (s *selector) forgetLocked(b *bridge) {
	delete(s.bridges, b.jid)
	s.log.Info("Removing JVB: %s", b.jid)
	if !b.leaving() {
		s.log.Warn("Lost a bridge: %s", b.jid)
		s.lost++
	}
}

// clear forgets all bridges, as jicofo does when it leaves the brewery, and returns the endpoints that it had on them.
func (s *selector) clear() presence.Endpoints {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	had := presence.Endpoints{}
	for _, b := range s.bridges {
		had = had.Plus(b.own())
		s.forgetLocked(b)
	}
	return had
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
			leaving[b.jid] = b.own()
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
