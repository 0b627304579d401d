package hearing

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"audio-meet/rehearse/internal/tone"
)

const (
	talker = 7
	stream = 1234
)

// begun is when the first packet of each test was sent.
var begun = time.Unix(1700000000, 0)

func nobodyAlone(time.Time, time.Time) time.Duration { return 0 }

func newListener(tally *Tally) *Listener {
	return NewListener(tally, func(who uint16) int { return int(who) % tone.Count() }, nobodyAlone)
}

// hear lets packets of one turn arrive, each so long after it was sent; `lost` names those that do not.
func hear(l *Listener, sounds int, turn uint32, count int, delay time.Duration, lost ...int) {
	gone := map[int]bool{}
	for _, number := range lost {
		gone[number] = true
	}
	for number := range count {
		if gone[number] {
			continue
		}
		sent := begun.Add(time.Duration(turn)*time.Second + time.Duration(number)*tone.FrameDuration)
		mark := tone.Mark{Talker: talker, Turn: turn, Number: uint32(number), Sent: sent}
		l.Packet(&rtp.Header{SSRC: stream}, tone.Packet(sounds, mark), sent.Add(delay))
	}
}

func TestATurnIsHeardByItsTone(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	hear(l, talker, 1, 50, 30*time.Millisecond)
	if !l.HasHeard() {
		t.Error("nothing is known to be heard before the end")
	}
	account := l.Close(begun.Add(2 * time.Second))
	if account.Heard[1] != talker || len(account.Heard) != 1 {
		t.Errorf("heard %v", account.Heard)
	}
	if delay := tally.Delay.Spread(); delay.P50 != 0.030 || delay.Max != 0.030 || delay.Count != 50 {
		t.Errorf("delay %+v", delay)
	}
	if onset := tally.Onset.Spread(); onset.Max != 0.030 {
		t.Errorf("onset %+v", onset)
	}
}

func TestAnotherToneIsNotThisTalker(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	hear(l, talker+1, 1, 50, 0)
	if l.HasHeard() {
		t.Error("somebody else's tone counts")
	}
	if account := l.Close(begun.Add(2 * time.Second)); len(account.Heard) != 0 || tally.WrongTone.Load() != 1 {
		t.Errorf("heard %v, %d wrong", account.Heard, tally.WrongTone.Load())
	}
}

func TestWhatIsLostWithinATurnIsCounted(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	hear(l, talker, 1, 50, 0, 10, 11, 30)
	hear(l, talker, 2, 50, 0, 20)
	l.Close(begun.Add(3 * time.Second))
	if missing := tally.Missing.Load(); missing != 4 {
		t.Errorf("%d missing, not 4", missing)
	}
	if packets := tally.Packets.Load(); packets != 96 {
		t.Errorf("%d packets, not 96", packets)
	}
}

func TestWhatTwoBridgesBringCountsOnce(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	hear(l, talker, 1, 50, 0, 10, 11)
	hear(l, talker, 1, 50, 0, 11, 12)
	l.Close(begun.Add(3 * time.Second))
	if packets, twice, missing := tally.Packets.Load(), tally.Twice.Load(), tally.Missing.Load(); packets != 49 || twice != 47 || missing != 1 {
		t.Errorf("%d packets, %d of them twice, %d missing", packets, twice, missing)
	}
}

func TestALateBeginningIsAnOnsetAndNoLoss(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	hear(l, talker, 1, 50, 0, 0, 1, 2, 3, 4)
	l.Close(begun.Add(2 * time.Second))
	if onset := tally.Onset.Spread(); onset.Max != 0.1 || tally.Missing.Load() != 0 {
		t.Errorf("onset %+v, %d missing", onset, tally.Missing.Load())
	}
}

func TestASilenceWhileSomebodySpeaksIsAGap(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	var lost []int
	for number := 10; number < 30; number++ {
		lost = append(lost, number)
	}
	hear(l, talker, 1, 50, 0, lost...)
	last := begun.Add(time.Second + 49*tone.FrameDuration)
	account := l.Close(last.Add(100 * time.Millisecond))
	if len(account.Silences) != 1 || !account.Silences[0].End.Equal(begun.Add(1600*time.Millisecond)) || account.Silence != 420*time.Millisecond || account.SilentAtTheEnd {
		t.Errorf("%+v", account)
	}
}

func TestNobodySpeakingIsNoSilence(t *testing.T) {
	var tally Tally
	alone := func(from, to time.Time) time.Duration { return to.Sub(from) }
	l := NewListener(&tally, func(uint16) int { return talker }, alone)
	hear(l, talker, 1, 10, 0)
	hear(l, talker, 5, 10, 0)
	if account := l.Close(begun.Add(6 * time.Second)); len(account.Silences) != 0 {
		t.Errorf("%+v", account)
	}
}

func TestWhoStopsHearingIsSilentNowAndAtTheEnd(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	if !l.IsSilent(begun) {
		t.Error("somebody who has heard nothing yet is not silent")
	}
	hear(l, talker, 1, 50, 0)
	last := begun.Add(time.Second + 49*tone.FrameDuration)
	if l.IsSilent(last.Add(500*time.Millisecond)) || !l.IsSilent(last.Add(1100*time.Millisecond)) {
		t.Error("silent too early or too late")
	}
	if account := l.Close(last.Add(3 * time.Second)); !account.SilentAtTheEnd || account.LongestGap != 3*time.Second {
		t.Errorf("%+v", account)
	}
}

func TestAStreamHasANameOnceTheBridgeSaysIt(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	l.Message([]byte(`{"colibriClass":"ServerHello"}`))
	hear(l, talker, 1, 10, 0)
	if unnamed := tally.Unnamed.Load(); unnamed != 10 {
		t.Errorf("%d unnamed, not 10", unnamed)
	}
	l.Message([]byte(`{"colibriClass":"AudioSourcesMap","mappedSources":[{"source":"1a2b3c4d-a0","owner":"1a2b3c4d","ssrc":1234}]}`))
	hear(l, talker, 2, 10, 0)
	if unnamed := tally.Unnamed.Load(); unnamed != 10 {
		t.Errorf("%d unnamed, not 10", unnamed)
	}
	if !l.Close(begun).HasChannel {
		t.Error("the channel spoke and is not there")
	}
}

func TestPacketsOfOthersAreStrange(t *testing.T) {
	var tally Tally
	l := newListener(&tally)
	l.Packet(&rtp.Header{SSRC: stream}, []byte{0x78, 1, 2, 3}, begun)
	if tally.Strange.Load() != 1 || tally.Packets.Load() != 0 {
		t.Errorf("%d strange, %d heard", tally.Strange.Load(), tally.Packets.Load())
	}
}

func TestSpreads(t *testing.T) {
	var h Histogram
	for milliseconds := range 100 {
		h.Add(time.Duration(milliseconds+1) * time.Millisecond)
	}
	h.Add(time.Hour)
	if spread := h.Spread(); spread.P50 != 0.051 || spread.P95 != 0.096 || spread.Max != 3.999 || spread.Count != 101 {
		t.Errorf("%+v", spread)
	}
	if empty := (&Histogram{}).Spread(); empty != (Spread{}) {
		t.Errorf("%+v", empty)
	}
}
