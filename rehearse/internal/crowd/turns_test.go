package crowd

import (
	"testing"
	"time"
)

var noon = time.Unix(1700000000, 0)

func second(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Second))) }

func TestWhoSpeaksAloneHearsNobodyAndThatIsNoSilence(t *testing.T) {
	anna, ben := &participant{number: 1}, &participant{number: 2}
	speaking := &turns{length: 3 * time.Second, spoken: []spoken{
		{who: ben, turn: 1, from: second(0), to: second(3)},
		{who: anna, turn: 2, from: second(3), to: second(6)},
		{who: ben, turn: 3, from: second(6)},
	}}
	for name, each := range map[string]struct {
		who      *participant
		from, to float64
		want     float64
	}{
		"Anna, over her own turn":        {anna, 2.5, 6.5, 3},
		"Anna, while Ben speaks":         {anna, 0.5, 2.5, 0},
		"Ben, while Anna speaks":         {ben, 3.5, 5.5, 0},
		"Ben, over two turns of his own": {ben, 0, 8, 5},
		"Anna, in a turn that goes on":   {anna, 6.5, 60, 0},
	} {
		got := speaking.without(each.who, second(each.from), second(each.to))
		if got != time.Duration(each.want*float64(time.Second)) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestIntervalsThatOverlapCountOnce(t *testing.T) {
	got := covered([]interval{{second(4), second(6)}, {second(1), second(3)}, {second(2), second(5)}}, second(0), second(5.5))
	if got != 4500*time.Millisecond {
		t.Error(got)
	}
}

func TestTalkersTakeTurnsAndOnlyThoseWithALink(t *testing.T) {
	if (&turns{waiting: []*participant{{number: 1}}}).take() != nil {
		t.Error("somebody without a link to a bridge has the word")
	}
}

func TestAStreamGoesOnInRTPsClock(t *testing.T) {
	v := newVoice()
	v.level = 1
	first := v.packet(9, []byte{1}, v.begun)
	next := v.packet(9, []byte{1}, v.begun.Add(5*time.Second))
	if next.Timestamp-first.Timestamp != 5*48000 || next.SequenceNumber != first.SequenceNumber+1 || next.SSRC != 9 {
		t.Errorf("%+v after %+v", next.Header, first.Header)
	}
	if level := next.GetExtension(1); len(level) != 1 || level[0]&0x7f != 20 {
		t.Errorf("loudness %v", level)
	}
}
