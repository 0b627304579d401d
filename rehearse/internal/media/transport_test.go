package media

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/rtp"

	"audio-meet/rehearse/internal/hearing"
	"audio-meet/rehearse/internal/tone"
)

const (
	talkerSSRC = 11
	bridgeSSRC = 22
	packets    = 60
)

// One participant talks, a bridge drops some packets, is silent for a while and gives the stream another number, another hears.
func TestATonePassesABridgeAndWhatItLosesIsHeard(t *testing.T) {
	needsAddress(t)
	var tally hearing.Tally
	listener := hearing.NewListener(&tally, func(uint16) int { return 4 }, func(time.Time, time.Time) time.Duration { return 0 })
	arrived := make(chan struct{}, packets)
	_, out := join(t, Ears{Message: listener.Message, Packet: func(header *rtp.Header, payload []byte) {
		if header.SSRC != bridgeSSRC {
			t.Errorf("SSRC %d", header.SSRC)
		}
		listener.Packet(header, payload, time.Now())
		arrived <- struct{}{}
	}})
	talker, in := join(t, Ears{Message: func([]byte) {}, Packet: func(*rtp.Header, []byte) { t.Error("a talker hears himself") }})
	lost := map[uint16]bool{20: true, 21: true, 40: true}
	in.onPacket = func(header *rtp.Header, payload []byte) {
		if lost[header.SequenceNumber] {
			return
		}
		if header.SequenceNumber == 30 {
			time.Sleep(2 * hearing.GapAfter)
		}
		if err := out.send(bridgeSSRC, *header, payload); err != nil {
			t.Error(err)
		}
	}
	for number := range uint16(packets) {
		mark := tone.Mark{Talker: 4, Turn: 1, Number: uint32(number), Sent: time.Now()}
		packet := &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, SequenceNumber: number, SSRC: talkerSSRC}, Payload: tone.Packet(4, mark)}
		if err := talker.Send(packet); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	for range packets - len(lost) {
		select {
		case <-arrived:
		case <-time.After(10 * time.Second):
			t.Fatal("packets do not arrive")
		}
	}
	account := listener.Close(time.Now())
	if account.Heard[1] != 4 {
		t.Errorf("heard %v", account.Heard)
	}
	if missing := tally.Missing.Load(); missing != int64(len(lost)) {
		t.Errorf("%d missing, not %d", missing, len(lost))
	}
	if len(account.Silences) < 1 || account.LongestGap < 2*hearing.GapAfter {
		t.Errorf("gaps: %+v", account)
	}
	if worst := tally.Delay.Spread().Max; worst < 0.3 {
		t.Errorf("the delay of what waited in the bridge is %v s", worst)
	}
}

func TestTheBridgeSaysOverTheChannelWhoseAStreamIs(t *testing.T) {
	needsAddress(t)
	messages := make(chan string, 1)
	transport, bridge := join(t, Ears{Packet: func(*rtp.Header, []byte) {}, Message: func(message []byte) { messages <- string(message) }})
	failed := make(chan error, 1)
	go func() { failed <- bridge.openChannel() }()
	if err := transport.OpenChannel(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	said := `{"colibriClass":"AudioSourcesMap"}`
	if _, err := (<-bridge.channel).WriteDataChannel([]byte(said), true); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-messages:
		if got != said {
			t.Errorf("got %s", got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing arrives")
	}
}

func TestABridgeWithAnotherCertificateIsRefused(t *testing.T) {
	needsAddress(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	bridge, offer := newLeg(t)
	offer.Transport.Fingerprint.Value = strings.Repeat("00:", 31) + "00"
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	transport, err := Prepare(ctx, offer, Way{}, certificate, Ears{})
	if err != nil {
		t.Fatal(err)
	}
	defer transport.Close()
	go func() { _ = bridge.connect(ctx, transport.Local()) }()
	if err := transport.Connect(ctx); err == nil || !strings.Contains(err.Error(), "not the one that the invitation names") {
		t.Errorf("error %v", err)
	}
}
