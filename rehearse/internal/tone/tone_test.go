package tone

import (
	"testing"
	"time"
)

func TestEveryToneIsHeardAsItself(t *testing.T) {
	for want := range Count() {
		ear := newEar(t)
		for number := range 2 * framesOfTone {
			got, settled, err := ear.Hear(Packet(want, Mark{Number: uint32(number)}))
			if err != nil {
				t.Fatal(err)
			}
			if settled && got != want {
				t.Errorf("packet %d of %d Hz is heard as tone %d", number, Frequency(want), got)
			}
		}
	}
}

func TestAnEarThatComesLateHearsTheTone(t *testing.T) {
	ear := newEar(t)
	for number := 17; number < 17+settleFrames; number++ {
		if _, settled, err := ear.Hear(Packet(5, Mark{Number: uint32(number)})); err != nil || settled {
			t.Fatalf("settled %t, %v", settled, err)
		}
	}
	if got, settled, _ := ear.Hear(Packet(5, Mark{Number: 17 + settleFrames})); got != 5 || !settled {
		t.Errorf("heard tone %d, settled %t", got, settled)
	}
}

func TestSilenceAndNoiseAreNoTone(t *testing.T) {
	if got := toneIn(make([]float32, FrameSamples)); got != None {
		t.Errorf("silence is heard as tone %d", got)
	}
	noise := make([]float32, FrameSamples)
	for at, state := 0, uint32(1); at < len(noise); at++ {
		state = state*1664525 + 1013904223
		noise[at] = float32(int32(state)) / (1 << 31)
	}
	if got := toneIn(noise); got != None {
		t.Errorf("noise is heard as tone %d", got)
	}
}

func TestAMarkComesBack(t *testing.T) {
	want := Mark{Talker: 299, Turn: 70000, Number: 149, Sent: time.Unix(1700000000, 123456789)}
	got, err := MarkOf(Packet(3, want))
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatOthersSendHasNoMark(t *testing.T) {
	for name, packet := range map[string][]byte{"a frame": frame(0, 0), "nothing": {}, "zeros": make([]byte, 90)} {
		if mark, err := MarkOf(packet); err == nil {
			t.Errorf("%s has the mark %+v", name, mark)
		}
	}
}

func newEar(t *testing.T) *Ear {
	t.Helper()
	ear, err := NewEar()
	if err != nil {
		t.Fatal(err)
	}
	return ear
}

func BenchmarkHear(b *testing.B) {
	ear, _ := NewEar()
	for number := range b.N {
		_, _, _ = ear.Hear(Packet(1, Mark{Number: uint32(number)}))
	}
}
