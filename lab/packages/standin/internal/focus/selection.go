package focus

import "sort"

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
	for _, count := range b.own() {
		if s.maxParticipants >= 0 && count >= s.maxParticipants {
			return true
		}
	}
	return b.stress() >= s.stressThreshold
}

// counts are the numbers of /stats and /metrics.
type counts struct{ all, operational, willing, leaving, versions, lost int }

func (s *selector) counts() counts {
	c := counts{}
	versions := map[string]bool{}
	for _, b := range s.snapshot() {
		c.all++
		versions[b.version()] = true
		if s.operational(&b) {
			c.operational++
			if !b.truth("graceful_shutdown") {
				c.willing++
			}
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

// deafen forgets a bridge for good. Its endpoints stay where they are, and nobody is told.
func (s *selector) deafen(jid string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.bridges, jid)
	if s.deaf == nil {
		s.deaf = map[string]bool{}
	}
	s.deaf[jid] = true
}
