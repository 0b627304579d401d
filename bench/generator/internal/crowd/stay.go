package crowd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"audio-meet/bench/generator/internal/target"
)

const (
	// patience is how long somebody tries to come in before he begins anew.
	patience = 20 * time.Second
	// missedPings is how many unanswered pings in a row end a page's connection (lib-jitsi-meet, strophe.ping.js).
	missedPings = 2
)

var (
	errDeaf = errors.New("the server does not answer")
	errLeft = errors.New("left")
)

// Stay is a crowd that is in a room, whatever happens: who falls out comes in again, as a page does that loads anew.
type Stay struct {
	To   *target.Target
	Room string
	// Participants who stay, and how many of them arrive in each second.
	Participants int
	PerSecond    float64
	// Visitors come to a room of their own, leave at once and come again, all the time: what a newcomer finds.
	Visitors int
	// Again is the longest pause before somebody who fell out tries again; a page takes 10 to 30 s.
	Again time.Duration
	// Ping is the time between two pings of somebody, Answer how long he waits for one.
	Ping, Answer time.Duration
	// Late is the shortest wait for an answer that is told of.
	Late time.Duration
	// Say is told what happens, by one caller at a time.
	Say func(Event)

	mutex sync.Mutex
}

// Event is what happened to one of them.
type Event struct {
	AtMilliseconds int64 `json:"at"`
	// "in": he is in the room, after so many seconds. "out": he was in and is not any more. "refused": he did not come in.
	// "late": a ping was answered only after so many seconds. "visited": a visitor was in, after so many seconds.
	What    string  `json:"what"`
	Who     int     `json:"who"`
	Seconds float64 `json:"seconds,omitempty"`
	Why     string  `json:"why,omitempty"`
}

func (s *Stay) say(what string, who int, seconds float64, why error) {
	event := Event{AtMilliseconds: time.Now().UnixMilli(), What: what, Who: who, Seconds: seconds}
	if why != nil {
		event.Why = why.Error()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.Say(event)
}

// Run lets them come and stay until the context ends; it returns when all have left.
func (s *Stay) Run(ctx context.Context) {
	var all sync.WaitGroup
	for who := range s.Participants {
		all.Go(func() {
			sleep(ctx, time.Duration(float64(who)/s.PerSecond*float64(time.Second)))
			s.stay(ctx, who)
		})
	}
	for number := range s.Visitors {
		all.Go(func() { s.visit(ctx, s.Participants+number) })
	}
	all.Wait()
}

// stay keeps one of them in the room.
func (s *Stay) stay(ctx context.Context, who int) {
	for turn := 0; ctx.Err() == nil; turn++ {
		isIn := false
		began := time.Now()
		err := s.session(ctx, s.person(s.Room, who, turn), func(p *participant) {
			isIn = true
			s.say("in", who, time.Since(began).Seconds(), nil)
			go s.ping(p, who)
		})
		if ctx.Err() != nil {
			return
		}
		if isIn {
			s.say("out", who, 0, err)
		} else {
			s.say("refused", who, 0, err)
		}
		sleep(ctx, time.Duration(rand.Float64()*float64(s.Again)))
	}
}

// visit comes and goes. A visitor who is not let in tries again each second: his time counts from the first try.
func (s *Stay) visit(ctx context.Context, who int) {
	began := time.Now()
	for turn := 0; ctx.Err() == nil; turn++ {
		visiting, leave := context.WithCancel(ctx)
		err := s.session(visiting, s.person(fmt.Sprintf("%s-visit-%d", s.Room, who), who, turn), func(*participant) {
			s.say("visited", who, time.Since(began).Seconds(), nil)
			began = time.Time{}
			leave()
		})
		leave()
		sleep(ctx, time.Second)
		if began.IsZero() {
			began = time.Now()
		} else if ctx.Err() == nil {
			s.say("refused", who, 0, err)
		}
	}
}

func (s *Stay) person(room string, who, turn int) *participant {
	return &participant{
		// Another name each time: the server may not have noticed yet that the last one is gone.
		nickname:        fmt.Sprintf("%04x%04x", who, turn),
		room:            fmt.Sprintf("%s@conference.%s", room, s.To.Domain),
		leavesWithFocus: true,
	}
}

// session is one connection from its beginning to its end; onJoined is called once he is in.
func (s *Stay) session(ctx context.Context, p *participant, onJoined func(*participant)) error {
	limit, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := p.connect(limit, s.To, false)
	if p.stream != nil {
		defer p.stream.conn.Close()
	}
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() {
		_ = p.stream.send(leave)
		_ = p.stream.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	})()
	if err := p.askForRoom(s.To.Domain); err != nil {
		return err
	}
	if err := p.stream.send(presence(p.room, p.nickname, 0, time.Now())); err != nil {
		return err
	}
	err = p.stay(func() {
		_ = p.stream.conn.SetReadDeadline(time.Time{})
		onJoined(p)
	})
	if p.isDeaf.Load() {
		return errDeaf
	}
	if ctx.Err() != nil {
		return errLeft
	}
	return err
}

// ping asks the server until the connection ends, and ends it where two questions in a row get no answer.
func (s *Stay) ping(p *participant, who int) {
	time.Sleep(time.Duration(rand.Float64() * float64(s.Ping)))
	for missed, number := 0, int64(1); ; number++ {
		sent := time.Now()
		text := fmt.Sprintf("<iq xmlns='jabber:client' type='get' id='ping-%d' to='%s'><ping xmlns='urn:xmpp:ping'/></iq>", number, s.To.Login)
		if p.stream.send(text) != nil {
			return
		}
		for p.answered.Load() < number && time.Since(sent) < s.Answer {
			time.Sleep(20 * time.Millisecond)
		}
		if waited := time.Since(sent); p.answered.Load() >= number {
			missed = 0
			if waited > s.Late {
				s.say("late", who, waited.Seconds(), nil)
			}
		} else if missed++; missed == missedPings {
			p.isDeaf.Store(true)
			_ = p.stream.conn.Close()
			return
		}
		time.Sleep(time.Until(sent.Add(s.Ping)))
	}
}

func sleep(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}
