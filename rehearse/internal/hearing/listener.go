// Package hearing keeps account of what a participant hears: whose tone, what was lost on the way, how late, and when nothing came.
package hearing

import (
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"audio-meet/rehearse/internal/tone"
)

const (
	// Somebody who hears nothing for so long notices; three packets that come late together are no gap.
	GapAfter = 200 * time.Millisecond
	// The ear listens to each turn once it is under way.
	listenFrom = 5
)

// Tally is what all listeners of a rehearsal count together.
type Tally struct {
	// Twice are packets that came a second time, by another bridge: while somebody moves he is heard by both.
	Packets, Missing, Strange, WrongTone, Unnamed, Twice atomic.Int64
	// Delay is from the sending of a packet to its arrival; Onset from the beginning of a turn to its first packet; Gaps when
	// nothing came although somebody spoke.
	Delay, Onset, Gaps Histogram
}

// turn is one talker's turn, as one listener hears it.
type turn struct {
	number        uint32
	first, last   uint32
	count         int64
	seen          map[uint32]struct{}
	ear           *tone.Ear
	isHeard, done bool
}

// Listener is one participant's account.
type Listener struct {
	tally *Tally
	// toneOf says which tone a talker has, alone how much of a time nobody else was speaking.
	toneOf func(talker uint16) int
	alone  func(from, to time.Time) time.Duration

	mutex       sync.Mutex
	turns       map[uint16]*turn
	heard       map[uint32]uint16
	owners      map[uint32]string
	hasChannel  bool
	firstSound  time.Time
	lastArrival time.Time
	silence     time.Duration
	longestGap  time.Duration
	silences    []Silence
}

// Silence is a time in which nothing came although somebody else was speaking; when nobody was is not in its length.
type Silence struct {
	End    time.Time
	Length time.Duration
}

// NewListener starts an account.
func NewListener(tally *Tally, toneOf func(talker uint16) int, alone func(from, to time.Time) time.Duration) *Listener {
	return &Listener{tally: tally, toneOf: toneOf, alone: alone, turns: map[uint16]*turn{}, heard: map[uint32]uint16{}, owners: map[uint32]string{}}
}

// Packet takes one packet that arrived.
func (l *Listener) Packet(header *rtp.Header, payload []byte, now time.Time) {
	mark, err := tone.MarkOf(payload)
	if err != nil {
		l.tally.Strange.Add(1)
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at := l.turnOf(mark, now)
	if _, isKnown := at.seen[mark.Number]; isKnown {
		l.tally.Twice.Add(1)
		return
	}
	at.seen[mark.Number] = struct{}{}
	l.tally.Packets.Add(1)
	l.tally.Delay.Add(now.Sub(mark.Sent))
	l.notice(now)
	at.count++
	at.last = max(at.last, mark.Number)
	if l.hasChannel && l.owners[header.SSRC] == "" {
		l.tally.Unnamed.Add(1)
	}
	if !at.done && at.count > listenFrom {
		l.listen(at, mark.Talker, payload)
	}
}

// notice ends a gap.
func (l *Listener) notice(now time.Time) {
	if l.firstSound.IsZero() {
		l.firstSound = now
	} else if gap := l.gap(now); gap > GapAfter {
		l.count(gap, now)
	}
	l.lastArrival = now
}

// count takes a gap that ends now.
func (l *Listener) count(gap time.Duration, now time.Time) {
	l.silences = append(l.silences, Silence{End: now, Length: gap})
	l.silence += gap
	l.longestGap = max(l.longestGap, gap)
	l.tally.Gaps.Add(gap)
}

// gap is for how long nothing has come although somebody else was speaking.
func (l *Listener) gap(now time.Time) time.Duration {
	gap := now.Sub(l.lastArrival)
	if gap > GapAfter {
		gap -= l.alone(l.lastArrival, now)
	}
	return gap
}

func (l *Listener) turnOf(mark tone.Mark, now time.Time) *turn {
	at := l.turns[mark.Talker]
	if at == nil || at.number != mark.Turn {
		l.settle(at)
		at = &turn{number: mark.Turn, first: mark.Number, seen: map[uint32]struct{}{}}
		l.turns[mark.Talker] = at
		begun := mark.Sent.Add(-time.Duration(mark.Number) * tone.FrameDuration)
		l.tally.Onset.Add(now.Sub(begun))
	}
	return at
}

// settle counts what is missing of a turn between its first and its last packet.
func (l *Listener) settle(at *turn) {
	if at != nil {
		l.tally.Missing.Add(max(int64(at.last)-int64(at.first)+1-at.count, 0))
	}
}

// listen decodes until the ear is sure.
func (l *Listener) listen(at *turn, talker uint16, payload []byte) {
	var err error
	if at.ear == nil {
		if at.ear, err = tone.NewEar(); err != nil {
			return
		}
	}
	heard, settled, err := at.ear.Hear(payload)
	if err == nil && !settled {
		return
	}
	at.done, at.ear = true, nil
	if err != nil || heard != l.toneOf(talker) {
		l.tally.WrongTone.Add(1)
		return
	}
	l.heard[at.number] = talker
}

// Message takes one message of the bridge: which stream is whose.
func (l *Listener) Message(message []byte) {
	var said struct {
		Class   string `json:"colibriClass"`
		Sources []struct {
			Name  string `json:"source"`
			Owner string `json:"owner"`
			SSRC  uint32 `json:"ssrc"`
		} `json:"mappedSources"`
	}
	if json.Unmarshal(message, &said) != nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.hasChannel = true
	if said.Class != "AudioSourcesMap" {
		return
	}
	for _, each := range said.Sources {
		l.owners[each.SSRC], _, _ = strings.Cut(each.Name, "-")
	}
}

// Account is what one participant heard.
type Account struct {
	FirstSound     time.Time
	Heard          map[uint32]uint16 // the talker of each turn that was decoded as his tone
	HasChannel     bool
	Silences       []Silence
	Silence        time.Duration
	LongestGap     time.Duration
	SilentAtTheEnd bool
}

// Close ends the account; a gap that is still open counts.
func (l *Listener) Close(now time.Time) Account {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for talker, at := range l.turns {
		l.settle(at)
		delete(l.turns, talker)
	}
	account := Account{FirstSound: l.firstSound, Heard: l.heard, HasChannel: l.hasChannel}
	if !l.firstSound.IsZero() {
		if gap := l.gap(now); gap > GapAfter {
			account.SilentAtTheEnd = true
			l.count(gap, now)
		}
	}
	account.Silences, account.Silence, account.LongestGap = l.silences, l.silence, l.longestGap
	return account
}

// IsSilent: nothing has come for a second although somebody spoke.
func (l *Listener) IsSilent(now time.Time) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.firstSound.IsZero() || l.gap(now) > time.Second
}

// HasHeard: somebody's tone was made out.
func (l *Listener) HasHeard() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return len(l.heard) > 0
}

// FirstSound is when the first packet came; zero: none yet.
func (l *Listener) FirstSound() time.Time {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.firstSound
}
