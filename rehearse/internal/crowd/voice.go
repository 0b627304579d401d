package crowd

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"audio-meet/rehearse/internal/tone"
)

// voice is the state of one participant's stream.
type voice struct {
	sequence uint16
	begun    time.Time
	first    uint32
	level    uint8
}

const (
	opusType = 111
	// How loud a tone is said to be, in -dBov, with the bit for speech (RFC 6464): as somebody who speaks up.
	loudness = 0x80 | 20
	// A browser says how it receives at least this often.
	reportEvery = 5 * time.Second
)

func newVoice() voice {
	return voice{sequence: uint16(rand.Uint32()), begun: time.Now(), first: rand.Uint32()}
}

func (p *participant) earsOf() func(*rtp.Header, []byte) {
	return func(header *rtp.Header, payload []byte) { p.listener.Packet(header, payload, time.Now()) }
}

// speak sends the participant's tone for one turn; it returns how many packets went out.
func (p *participant) speak(ctx context.Context, turn uint32, length time.Duration, late func(time.Duration)) (sent int) {
	_ = p.talksOver().Send(ctx, p.presence(false, false))
	defer func() { _ = p.talksOver().Send(context.Background(), p.presence(false, true)) }()
	begun := time.Now()
	for number := uint32(0); ctx.Err() == nil; number++ {
		due := begun.Add(time.Duration(number) * tone.FrameDuration)
		time.Sleep(time.Until(due))
		if due.Sub(begun) >= length {
			break
		}
		now := time.Now()
		late(now.Sub(due))
		mark := tone.Mark{Talker: p.number, Turn: turn, Number: number, Sent: now}
		if p.links.any() && p.links.send(p.rtp.packet(p.ssrc, tone.Packet(toneOf(p.number), mark), due)) {
			sent++
		}
	}
	return sent
}

// packet is the next one of the stream. RTP's clock runs on while nothing is said.
func (v *voice) packet(ssrc uint32, payload []byte, due time.Time) *rtp.Packet {
	v.sequence++
	packet := &rtp.Packet{Header: rtp.Header{
		Version: 2, PayloadType: opusType, SequenceNumber: v.sequence, SSRC: ssrc,
		Timestamp: v.first + uint32(due.Sub(v.begun)*tone.FrameSamples/tone.FrameDuration),
	}, Payload: payload}
	if v.level != 0 {
		_ = packet.SetExtension(v.level, []byte{loudness})
	}
	return packet
}

// report tells the bridge now and then that somebody is there.
func (p *participant) report(ctx context.Context) {
	report, err := (&rtcp.ReceiverReport{SSRC: p.ssrc}).Marshal()
	if err != nil {
		return
	}
	for ticker := time.NewTicker(reportEvery); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
			for _, each := range p.links.all() {
				_ = each.SendControl(report)
			}
		}
	}
}

// toneOf is the tone of a talker: neighbours have different ones.
func toneOf(talker uint16) int { return int(talker) % tone.Count() }
