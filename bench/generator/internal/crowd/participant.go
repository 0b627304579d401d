package crowd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"audio-meet/bench/generator/internal/target"
)

// participant is one member of the crowd. Each time is set when that point is reached.
type participant struct {
	nickname string
	room     string

	arrived, connected, bound time.Time
	joined                    atomic.Int64 // nanoseconds since 1970, 0 until he is in

	stream    *stream
	questions int  // to jicofo, so far
	counts    bool // stream management is on: stanzas are counted and acknowledged
	received  uint32

	presences atomic.Int64 // presences of participants, himself among them, and their bytes
	bytes     atomic.Int64
	asked     atomic.Int64 // when the last change was sent, nanoseconds; 0: it came back
	echoes    []time.Duration
	isWatch   bool            // looks when each change of others was made
	heard     []time.Duration // a change of somebody else until it came here
	holding   atomic.Bool
	isOut     atomic.Bool
	failure   error

	leavesWithFocus bool         // as a page, which loads anew when jicofo leaves the room by its own word
	answered        atomic.Int64 // number of the last ping that was answered
	isDeaf          atomic.Bool  // he ended it himself, since the server did not answer
}

var errFocusLeft = errors.New("jicofo left the room")

// connect goes from nothing to where a join may be sent: TLS, websocket, login, stream management where wanted and offered.
func (p *participant) connect(ctx context.Context, to *target.Target, streamManagement bool) error {
	var err error
	if p.stream, err = dial(ctx, to); err != nil {
		return err
	}
	p.connected = time.Now()
	if deadline, ok := ctx.Deadline(); ok {
		_ = p.stream.conn.SetReadDeadline(deadline)
	}
	var features string
	for _, step := range []struct{ say, hear string }{
		{openStream(to.Login), "<stream:features"},
		{auth, "<success"},
		{openStream(to.Login), "<stream:features"},
		{bind, "id='bind'"},
	} {
		heard, err := p.ask(step.say, step.hear)
		if err != nil {
			return err
		}
		if strings.HasPrefix(heard, "<stream:features") {
			features = heard
		}
	}
	p.bound = time.Now()
	if streamManagement && strings.Contains(features, smacks) {
		if _, err := p.ask(enable, "<enabled"); err != nil {
			return err
		}
		p.counts = true
	}
	return nil
}

// ask sends and reads until a message holds what is waited for.
func (p *participant) ask(say, hear string) (string, error) {
	if err := p.stream.send(say); err != nil {
		return "", err
	}
	for {
		message, err := p.stream.next()
		if err != nil {
			return "", fmt.Errorf("waiting for %s: %w", hear, err)
		}
		if bytes.Contains(message, []byte(hear)) {
			return string(message), nil
		}
		if bytes.HasPrefix(message, []byte("<failure")) || bytes.HasPrefix(message, []byte("<close")) {
			return "", fmt.Errorf("waiting for %s: got %.200s", hear, message)
		}
	}
}

// stay reads until the connection ends; onJoined is called once.
func (p *participant) stay(onJoined func()) error {
	for {
		message, err := p.stream.next()
		if err != nil {
			return err
		}
		if err := p.read(message, onJoined); err != nil {
			return err
		}
	}
}

func (p *participant) read(message []byte, onJoined func()) error {
	switch {
	case bytes.HasPrefix(message, []byte("<presence")):
		p.received++
		if start := message[:min(len(message), 300)]; bytes.Contains(start, focus) {
			if p.leavesWithFocus && bytes.Contains(start, []byte("type='unavailable'")) {
				return errFocusLeft
			}
			return nil
		}
		p.presences.Add(1)
		p.bytes.Add(int64(p.stream.rest))
		return p.notice(message, onJoined)
	case bytes.HasPrefix(message, []byte("<iq")):
		p.received++
		var number int64
		if _, err := fmt.Sscanf(attribute(message, "id"), "ping-%d", &number); err == nil {
			p.answered.Store(number)
		}
		if reply := answer(message); reply != "" {
			return p.stream.send(reply)
		}
	case bytes.HasPrefix(message, []byte("<message")):
		p.received++
	case p.counts && bytes.HasPrefix(message, []byte("<r ")):
		return p.stream.send(fmt.Sprintf("<a xmlns='%s' h='%d'/>", smacks, p.received))
	}
	return nil
}

// notice looks for his own presence where it is awaited: after the join and after each change.
func (p *participant) notice(message []byte, onJoined func()) error {
	if p.isWatch && p.holding.Load() {
		if said := saidAt(message); !said.IsZero() {
			p.heard = append(p.heard, time.Since(said))
		}
	}
	sent := p.asked.Load()
	if p.isIn() && sent == 0 {
		return nil
	}
	if !p.isIn() && bytes.Contains(message, []byte("type='error'")) {
		return fmt.Errorf("the room refuses: %.400s", message)
	}
	if !bytes.Contains(message, own) {
		return nil
	}
	if !p.isIn() {
		p.joined.Store(time.Now().UnixNano())
		onJoined()
	} else {
		p.echoes = append(p.echoes, time.Duration(time.Now().UnixNano()-sent))
		p.asked.Store(0)
	}
	return nil
}

// change sends another presence, as when somebody mutes himself.
func (p *participant) change(turn int) error {
	p.asked.Store(time.Now().UnixNano())
	return p.stream.send(presence(p.room, p.nickname, turn, time.Now()))
}

func (p *participant) isIn() bool { return p.joined.Load() != 0 }

// since is the time from one point to the join.
func (p *participant) since(point time.Time) time.Duration {
	return time.Unix(0, p.joined.Load()).Sub(point)
}
