// Package tone is what synthetic participants say and how they hear it: sines of known frequencies, as real Opus.
package tone

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"time"
)

const (
	// FrameDuration is what one packet holds.
	FrameDuration = 20 * time.Millisecond
	// FrameSamples is the same in ticks of RTP's clock for Opus.
	FrameSamples = 960

	framesOfTone = 25
	frameBytes   = 60
	toneBytes    = 2 + framesOfTone*frameBytes
)

// What opusenc made of sines; make.py beside it says how.
//
//go:embed tones.bin
var tones []byte

// Count is how many tones there are.
func Count() int { return len(tones) / toneBytes }

// Frequency is that of a tone, in hertz.
func Frequency(tone int) int {
	return int(binary.BigEndian.Uint16(tones[tone*toneBytes:]))
}

// frame is one packet of a tone as the encoder made it; it starts again after half a second.
func frame(tone, number int) []byte {
	at := tone*toneBytes + 2 + number%framesOfTone*frameBytes
	return tones[at : at+frameBytes]
}

// Mark says who sent a packet, in which turn, as which one of the turn, and when. It travels in the packet's padding, which no
// decoder looks at (RFC 6716 §3.2.5), so it passes a bridge that gives a stream another number.
type Mark struct {
	Talker uint16
	Turn   uint32
	Number uint32
	Sent   time.Time
}

const (
	magic     = 0xA0D10CA7
	markBytes = 4 + 2 + 4 + 4 + 8
	// Of a packet with one frame: constant size, padding, one frame (RFC 6716 §3.2.5).
	oneFramePadded = 0x41
)

var errNoMark = errors.New("the packet has no mark")

// Packet is the payload of one RTP packet.
func Packet(tone int, mark Mark) []byte {
	encoded := frame(tone, int(mark.Number))
	packet := make([]byte, 0, len(encoded)+2+markBytes)
	packet = append(packet, encoded[0]|3, oneFramePadded, markBytes)
	packet = append(packet, encoded[1:]...)
	packet = binary.BigEndian.AppendUint32(packet, magic)
	packet = binary.BigEndian.AppendUint16(packet, mark.Talker)
	packet = binary.BigEndian.AppendUint32(packet, mark.Turn)
	packet = binary.BigEndian.AppendUint32(packet, mark.Number)
	return binary.BigEndian.AppendUint64(packet, uint64(mark.Sent.UnixNano()))
}

// MarkOf reads the mark of a packet.
func MarkOf(packet []byte) (Mark, error) {
	if len(packet) < markBytes+3 || packet[0]&3 != 3 || packet[2] != markBytes {
		return Mark{}, errNoMark
	}
	mark := packet[len(packet)-markBytes:]
	if binary.BigEndian.Uint32(mark) != magic {
		return Mark{}, errNoMark
	}
	return Mark{
		Talker: binary.BigEndian.Uint16(mark[4:]),
		Turn:   binary.BigEndian.Uint32(mark[6:]),
		Number: binary.BigEndian.Uint32(mark[10:]),
		Sent:   time.Unix(0, int64(binary.BigEndian.Uint64(mark[14:]))),
	}, nil
}
