// Package crowd lets people with nothing but a name join one room, stay, and leave, and measures how long everything takes them.
package crowd

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"audio-meet/bench/generator/internal/target"
)

// Plan is what a crowd does.
type Plan struct {
	To   *target.Target
	Room string // name before the @
	// Participants, and how many of them arrive in each second, whether or not the ones before are in.
	Participants int
	PerSecond    float64
	// Rooms of equal size that they spread over; 1 for one room.
	Rooms int
	// StreamManagement is used where the server offers it.
	StreamManagement bool
	// AskEach lets everybody ask jicofo for the room first, on his own connection; else it is asked once for all.
	AskEach bool
	// Patience is how long after the last arrival somebody may still come in.
	Patience time.Duration
	// Hold is how long all stay, each with one change per Interval.
	Hold, Interval time.Duration
	// Phase is told when something begins or ends: "started", "allIn", "held", "left".
	Phase func(name string)
}

// roomName is the address of one of the rooms.
func (p Plan) roomName(number int) string {
	return fmt.Sprintf("%s-%d@conference.%s", p.Room, number, p.To.Domain)
}

// watchEvery is how many participants there are to one who looks into what the others say: looking costs the generator's CPU.
const watchEvery = 20

type crowd struct {
	Plan
	people []*participant
	joined atomic.Int64
	in     chan struct{} // closed when all have joined
	all    sync.WaitGroup
}

// Run does it and reports. It fails only if the room cannot be opened; whoever is lost is counted.
func Run(plan Plan) (Report, error) {
	for room := range plan.Rooms {
		if err := openRoom(plan.To, plan.roomName(room)); err != nil {
			return Report{}, fmt.Errorf("jicofo does not open the room: %w", err)
		}
	}
	c := &crowd{Plan: plan, in: make(chan struct{})}
	used := usedCPU()
	started := time.Now()
	plan.Phase("started")
	c.arrive(started)
	select {
	case <-c.in:
	case <-time.After(plan.Patience):
	}
	plan.Phase("allIn")
	report := c.joinReport(started)
	report.GeneratorJoinSeconds = usedCPU() - used
	if plan.Hold > 0 {
		c.hold(&report)
		plan.Phase("held")
	}
	report.LostWhileHolding = c.fallen()
	c.leave(&report)
	plan.Phase("left")
	report.GeneratorSeconds = usedCPU() - used
	return report, nil
}

// arrive starts each participant at his own time and does not wait for anybody.
func (c *crowd) arrive(started time.Time) {
	c.people = make([]*participant, c.Participants)
	last := started.Add(time.Duration(float64(c.Participants-1) / c.PerSecond * float64(time.Second)))
	for i := range c.people {
		// Jitsi's nicknames are the first eight characters of the address.
		c.people[i] = &participant{nickname: fmt.Sprintf("%08x", 0xabc00000+i), room: c.roomName(i % c.Rooms), isWatch: i%watchEvery == 0}
	}
	for i, person := range c.people {
		time.Sleep(time.Until(started.Add(time.Duration(float64(i) / c.PerSecond * float64(time.Second)))))
		c.all.Add(1)
		go c.live(person, last.Add(c.Patience))
	}
}

func (c *crowd) live(p *participant, deadline time.Time) {
	defer c.all.Done()
	p.arrived = time.Now()
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	err := p.connect(ctx, c.To, c.StreamManagement)
	if err == nil && c.AskEach {
		err = p.askForRoom(c.To.Domain)
	}
	if err == nil {
		err = p.stream.send(presence(p.room, p.nickname, 0, time.Now()))
	}
	if err == nil {
		_ = p.stream.conn.SetReadDeadline(time.Time{})
		err = p.stay(func() {
			if c.joined.Add(1) == int64(c.Participants) {
				close(c.in)
			}
		})
	}
	if p.stream != nil {
		_ = p.stream.conn.Close()
	}
	p.failure = err
	p.isOut.Store(true)
}

// hold lets everybody change something once per interval, spread evenly.
func (c *crowd) hold(report *Report) {
	before := c.presences()
	began := time.Now()
	for _, person := range c.people {
		person.holding.Store(true)
	}
	pause := c.Interval / time.Duration(c.Participants)
	changes := 0
	for next := began; next.Sub(began) < c.Hold; next = next.Add(pause) {
		time.Sleep(time.Until(next))
		person := c.people[changes%c.Participants]
		if !person.isOut.Load() && person.stream != nil && person.change(1+changes/c.Participants) == nil {
			changes++
		}
	}
	time.Sleep(time.Until(began.Add(c.Hold)))
	report.HeldSeconds = time.Since(began).Seconds()
	report.Changes = changes
	report.ChangesExpected = changes * int(c.joined.Load()) / c.Rooms
	// What is on its way may arrive.
	for wait := time.Now(); c.presences()-before < int64(report.ChangesExpected) && time.Since(wait) < 5*time.Second; {
		time.Sleep(20 * time.Millisecond)
	}
	report.ChangesDelivered = int(c.presences() - before)
	for _, person := range c.people {
		person.holding.Store(false)
	}
}

func (c *crowd) leave(report *Report) {
	began := time.Now()
	for _, person := range c.people {
		if !person.isOut.Load() && person.stream != nil {
			_ = person.stream.send(leave)
			_ = person.stream.conn.SetReadDeadline(began.Add(time.Minute))
		}
	}
	c.all.Wait()
	report.LeftSeconds = time.Since(began).Seconds()
	for _, person := range c.people {
		report.Echo.add(person.echoes...)
		report.Heard.add(person.heard...)
	}
	report.Echo.close()
	report.Heard.close()
}

// fallen counts who was in the room and is not any more.
func (c *crowd) fallen() int {
	count := 0
	for _, person := range c.people {
		if person.isOut.Load() && person.isIn() {
			count++
		}
	}
	return count
}

func (c *crowd) presences() int64 {
	var sum int64
	for _, person := range c.people {
		sum += person.presences.Load()
	}
	return sum
}
