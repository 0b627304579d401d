package tone

import (
	"fmt"
	"math"

	"github.com/pion/opus"
)

const (
	sampleRate = 48000
	// A decoder that starts in the middle of a stream takes some frames until it sounds right.
	settleFrames = 3
	// Of what is in a frame, as much is to be of one frequency for it to be that tone.
	pureShare = 0.5
	// Below this a frame is silence: 0.1 % of full scale.
	silentPower = 1e-6
)

// None is what an ear hears where there is no tone of ours.
const None = -1

// Ear decodes a few packets of one stream, one after the other, and says which tone they are.
type Ear struct {
	decoder opus.Decoder
	samples [FrameSamples]float32
	decoded int
}

// NewEar is an ear for one stream, from some packet on.
func NewEar() (*Ear, error) {
	decoder, err := opus.NewDecoderWithOutput(sampleRate, 1)
	if err != nil {
		return nil, fmt.Errorf("the Opus decoder: %w", err)
	}
	return &Ear{decoder: decoder}, nil
}

// Hear decodes the next packet. It is sure only after a few: until then `settled` is false. The tone is None where what was
// decoded is silent or something else.
func (e *Ear) Hear(packet []byte) (tone int, settled bool, err error) {
	if _, err := e.decoder.DecodeToFloat32(packet, e.samples[:]); err != nil {
		return None, false, fmt.Errorf("Opus: %w", err)
	}
	e.decoded++
	if e.decoded <= settleFrames {
		return None, false, nil
	}
	return toneIn(e.samples[:]), true, nil
}

// toneIn is the tone that makes up most of a frame.
func toneIn(samples []float32) int {
	total := 0.0
	for _, sample := range samples {
		total += float64(sample) * float64(sample)
	}
	total /= float64(len(samples))
	if total < silentPower {
		return None
	}
	best, most := None, pureShare*total
	for tone := range Count() {
		if power := goertzel(samples, float64(Frequency(tone))); power > most {
			best, most = tone, power
		}
	}
	return best
}

// goertzel is the power of one frequency, on the scale of the mean square of the samples.
func goertzel(samples []float32, frequency float64) float64 {
	step := 2 * math.Cos(2*math.Pi*frequency/sampleRate)
	var one, two float64
	for _, sample := range samples {
		one, two = float64(sample)+step*one-two, one
	}
	count := float64(len(samples))
	return 2 * (one*one + two*two - step*one*two) / (count * count)
}
