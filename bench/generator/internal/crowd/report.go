package crowd

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"syscall"
	"time"
)

// Report is what a run came to. Times are in seconds.
type Report struct {
	Participants int `json:"participants"`
	Joined       int `json:"joined"`
	// Lost did not come in; LostWhileHolding were in and fell out.
	Lost             int            `json:"lost"`
	LostWhileHolding int            `json:"lostWhileHolding"`
	Failures         map[string]int `json:"failures"`
	// SawAll had heard of everybody in their room when the last one came in, or within five seconds from then.
	SawAll int `json:"sawAll"`
	// Arrival to open websocket, to login, and to the own presence in the room; and from the request to join to that.
	Socket Spread `json:"socketSeconds"`
	Bound  Spread `json:"boundSeconds"`
	InRoom Spread `json:"joinedSeconds"`
	Join   Spread `json:"joinSeconds"`
	// AllInSeconds: first arrival to the last one's own presence.
	AllInSeconds     float64 `json:"allInSeconds"`
	StreamManagement bool    `json:"streamManagement"`
	PresenceBytes    float64 `json:"presenceBytes"`
	JoinPresences    int64   `json:"joinPresences"`

	HeldSeconds      float64 `json:"heldSeconds"`
	Changes          int     `json:"changes"`
	ChangesExpected  int     `json:"changesExpected"`
	ChangesDelivered int     `json:"changesDelivered"`
	// Echo: a change to its own echo; Heard: to one in twenty of the others.
	Echo        Spread  `json:"echoSeconds"`
	Heard       Spread  `json:"heardSeconds"`
	LeftSeconds float64 `json:"leftSeconds"`

	// CPU of the generator itself.
	GeneratorJoinSeconds float64 `json:"generatorJoinSeconds"`
	GeneratorSeconds     float64 `json:"generatorSeconds"`
}

// Spread is the distribution of a time.
type Spread struct {
	values        []time.Duration
	P50, P95, Max float64
}

func (s *Spread) add(values ...time.Duration) { s.values = append(s.values, values...) }

func (s *Spread) close() {
	if len(s.values) == 0 {
		return
	}
	slices.Sort(s.values)
	at := func(part float64) float64 {
		return s.values[int(math.Ceil(part*float64(len(s.values))))-1].Seconds()
	}
	s.P50, s.P95, s.Max = at(0.5), at(0.95), at(1)
}

// MarshalJSON writes what close found.
func (s Spread) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"p50": milli(s.P50), "p95": milli(s.P95), "max": milli(s.Max)})
}

func milli(seconds float64) json.Number { return json.Number(fmt.Sprintf("%.3f", seconds)) }

func (c *crowd) joinReport(started time.Time) Report {
	// The last presences of the others may be on their way to somebody who is in.
	isComplete := c.joined.Load() == int64(c.Participants)
	for wait := time.Now(); isComplete && c.sawAll() < c.Participants && time.Since(wait) < 5*time.Second; {
		time.Sleep(20 * time.Millisecond)
	}
	report := Report{Participants: c.Participants, Failures: map[string]int{}, SawAll: c.sawAll(), StreamManagement: true}
	var last time.Duration
	for _, p := range c.people {
		if p.isOut.Load() && p.failure != nil {
			report.Failures[p.failure.Error()]++
		}
		if !p.isIn() {
			report.Lost++
			continue
		}
		report.Joined++
		report.StreamManagement = report.StreamManagement && p.counts
		report.Socket.add(p.connected.Sub(p.arrived))
		report.Bound.add(p.bound.Sub(p.arrived))
		report.InRoom.add(p.since(p.arrived))
		report.Join.add(p.since(p.bound))
		last = max(last, p.since(started))
		report.PresenceBytes += float64(p.bytes.Load())
	}
	for _, spread := range []*Spread{&report.Socket, &report.Bound, &report.InRoom, &report.Join} {
		spread.close()
	}
	report.AllInSeconds = last.Seconds()
	report.JoinPresences = c.presences()
	report.PresenceBytes /= math.Max(1, float64(report.JoinPresences))
	return report
}

func (c *crowd) sawAll() int {
	count := 0
	for _, p := range c.people {
		if p.presences.Load() >= int64(c.Participants/c.Rooms) {
			count++
		}
	}
	return count
}

// usedCPU is what this process has used so far, in seconds.
func usedCPU() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
