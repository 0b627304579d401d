package crowd

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// turns lets participants speak one after the other, so many at a time, and remembers who spoke when.
type turns struct {
	length time.Duration
	late   func(time.Duration)

	mutex   sync.Mutex
	waiting []*participant
	spoken  []spoken
	number  atomic.Uint32
	sent    atomic.Int64
}

// spoken is one turn; it is not over while `to` is zero.
type spoken struct {
	who      *participant
	turn     uint32
	from, to time.Time
}

// add lets somebody speak from now on.
func (t *turns) add(p *participant) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.waiting = append(t.waiting, p)
}

// run speaks in one slot after the other until the context ends.
func (t *turns) run(ctx context.Context) {
	for ctx.Err() == nil {
		next := t.take()
		if next == nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		number := t.number.Add(1)
		at := t.begin(next, number)
		t.sent.Add(int64(next.speak(ctx, number, t.length, t.late)))
		t.end(at, next)
	}
}

// take is whoever has waited longest and has a link.
func (t *turns) take() *participant {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for at, each := range t.waiting {
		if each.links.any() {
			t.waiting = append(t.waiting[:at:at], t.waiting[at+1:]...)
			return each
		}
	}
	return nil
}

func (t *turns) begin(who *participant, number uint32) int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.spoken = append(t.spoken, spoken{who: who, turn: number, from: time.Now()})
	return len(t.spoken) - 1
}

func (t *turns) end(at int, who *participant) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.spoken[at].to = time.Now()
	t.waiting = append(t.waiting, who)
}

// without is how much of a time nobody but `who` was speaking. Looks back no further than it must.
func (t *turns) without(who *participant, from, to time.Time) time.Duration {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var others []interval
	for at := len(t.spoken) - 1; at >= 0; at-- {
		each := t.spoken[at]
		if !each.to.IsZero() && each.to.Before(from.Add(-t.length)) {
			break
		}
		if each.who != who {
			others = append(others, interval{each.from, each.to})
		}
	}
	return to.Sub(from) - covered(others, from, to)
}

// all is every turn that ended by itself.
func (t *turns) all() []spoken {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return append([]spoken(nil), t.spoken...)
}
