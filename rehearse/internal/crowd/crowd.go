// Package crowd lets synthetic participants with real media join one room, talk in turns and say what they heard.
package crowd

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"

	"audio-meet/rehearse/internal/hearing"
	"audio-meet/rehearse/internal/media"
	"audio-meet/rehearse/internal/xmpp"
)

// Options are what a rehearsal is.
type Options struct {
	Server       xmpp.Server
	Conferences  string   // the component with the rooms
	Room         string   // its name, before the @
	Regions      []string // where participants say they are, in turn; none: they say nothing
	Participants int
	Talkers      int             // at a time
	Turn         time.Duration   // how long each talks
	Hold         time.Duration   // from when all are in
	PerSecond    float64         // joins
	Patience     time.Duration   // with jicofo, until a link to a bridge is offered
	UntilHeard   bool            // they stay no longer than until each has heard somebody
	Opener       *xmpp.Server    // the first logs in here: who may open the room; nil: as all others
	Relayed      bool            // media over TURN alone
	Transport    string          // of TURN: udp, tcp, tls; empty: all that the server offers
	Names        media.Names     // hosts with their addresses, for which no name server is asked
	In           func()          // called when all are in, or have failed
	Stay         <-chan struct{} // they also stay until this is closed; nil: no longer than Hold
	Return       time.Duration   // who is thrown out comes again within so long, at random; 0: stays away
}

const (
	// The last to come in gets so long to hear somebody.
	settleTime = 5 * time.Second
)

// crowd is a rehearsal under way.
type crowd struct {
	options Options
	tally   hearing.Tally
	late    hearing.Histogram
	turns   *turns
	members []*participant
	samples []Sample
	started time.Time
	allIn   time.Time
	// opened is closed when the first is in the room, or does not get in.
	opened chan struct{}
}

// Run lets the crowd join, talk and leave.
func Run(ctx context.Context, o Options) (*Report, error) {
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return nil, fmt.Errorf("a certificate for DTLS: %w", err)
	}
	c := &crowd{options: o, started: time.Now(), opened: make(chan struct{})}
	c.turns = &turns{length: o.Turn, late: c.late.Add}
	for number := range o.Participants {
		p := newParticipant(number, o, certificate)
		alone := func(from, to time.Time) time.Duration { return c.turns.without(p, from, to) }
		p.listener = hearing.NewListener(&c.tally, toneOf, alone)
		c.members = append(c.members, p)
	}
	c.rehearse(ctx)
	return c.report(), nil
}

func (c *crowd) rehearse(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var talking sync.WaitGroup
	for range c.options.Talkers {
		talking.Go(func() { c.turns.run(ctx) })
	}
	talking.Go(func() { c.watch(ctx) })
	c.join(ctx)
	c.allIn = time.Now()
	if c.options.In != nil {
		c.options.In()
	}
	c.wait(ctx)
	if c.options.Stay != nil {
		select {
		case <-c.options.Stay:
		case <-ctx.Done():
		}
	}
	cancel()
	talking.Wait()
	// What was sent last is still on its way.
	time.Sleep(hearing.GapAfter)
}

// wait is until the crowd may go.
func (c *crowd) wait(ctx context.Context) {
	over := time.After(settleTime + c.options.Hold)
	look := time.NewTicker(hearing.GapAfter)
	defer look.Stop()
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			return
		case <-look.C:
			if c.options.UntilHeard && c.isHeard() {
				return
			}
		}
	}
}

// isHeard: each has heard somebody, or will not: it has no link.
func (c *crowd) isHeard() bool {
	for _, p := range c.members {
		if !p.listener.HasHeard() && p.links.any() {
			return false
		}
	}
	return true
}

// join brings everybody in at an even pace and waits until each has a link to a bridge, or has failed.
func (c *crowd) join(ctx context.Context) {
	var joining sync.WaitGroup
	for number, p := range c.members {
		due := c.started.Add(time.Duration(float64(number) / c.options.PerSecond * float64(time.Second)))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return
		}
		joining.Add(1)
		go c.bringIn(ctx, p, sync.OnceFunc(joining.Done))
	}
	joining.Wait()
}

func (c *crowd) bringIn(ctx context.Context, p *participant, done func()) {
	defer done()
	entering, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	if c.options.Opener != nil && p.number > 0 {
		<-c.opened
	}
	p.arrived = time.Now()
	err := p.enter(entering)
	p.joined = time.Now()
	if p.number == 0 {
		close(c.opened)
	}
	if err != nil {
		p.fail(err)
		return
	}
	first := make(chan struct{})
	invited := sync.OnceFunc(func() { close(first) })
	speaks := sync.OnceFunc(func() { c.turns.add(p) })
	go p.report(ctx)
	// Nobody waits for a second invitation after a first that led nowhere; if it comes, it is taken.
	go c.stay(ctx, p, func(err error) {
		if err == nil {
			speaks()
		}
		invited()
	})
	select {
	case <-first:
	case <-entering.Done():
		p.mutex.Lock()
		if p.failure == nil {
			p.failure = fmt.Errorf("jicofo sends no invitation to a bridge within %s", c.options.Patience)
		}
		p.mutex.Unlock()
	}
}

// stay follows invitations until the context ends, over one stream after the other where people come again.
func (c *crowd) stay(ctx context.Context, p *participant, onLink func(error)) {
	for {
		p.follow(ctx, onLink)
		if ctx.Err() != nil || c.options.Return == 0 {
			return
		}
		p.comeAgain(ctx, c.options.Return, c.options.Patience)
	}
}

// leave lets everybody go.
func (c *crowd) leave() {
	var leaving sync.WaitGroup
	for _, p := range c.members {
		leaving.Go(p.leave)
	}
	leaving.Wait()
}

// wayOf asks for TURN where media is to be relayed, at the host that somebody logged in to.
func wayOf(o Options, domain string) func(context.Context, *xmpp.Stream) (media.Way, error) {
	if !o.Relayed {
		return func(context.Context, *xmpp.Stream) (media.Way, error) { return media.Way{}, nil }
	}
	return func(ctx context.Context, stream *xmpp.Stream) (media.Way, error) {
		relays, err := stream.Relays(ctx, domain, o.Transport)
		return media.Way{Relays: relays, Names: o.Names}, err
	}
}
