package crowd

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"github.com/pion/rtp"

	"audio-meet/rehearse/internal/hearing"
	"audio-meet/rehearse/internal/tone"
	"audio-meet/rehearse/internal/xmpp"
)

// pair is two who have a link and have heard nothing yet.
func pair(o Options) *crowd {
	c := &crowd{options: o}
	c.turns = &turns{}
	for number := range 2 {
		p := newParticipant(number, o, tls.Certificate{})
		p.links.add("session", nil)
		p.listener = hearing.NewListener(&c.tally, toneOf, func(time.Time, time.Time) time.Duration { return 0 })
		c.members = append(c.members, p)
	}
	return c
}

// hearTone lets a whole turn of somebody arrive at a listener.
func hearTone(p *participant, talker uint16) {
	now := time.Now()
	for number := range 50 {
		mark := tone.Mark{Talker: talker, Turn: 1, Number: uint32(number), Sent: now}
		p.listener.Packet(&rtp.Header{SSRC: 7}, tone.Packet(toneOf(talker), mark), now)
	}
}

func TestAPairGoesWhenEachHasHeardTheOtherAndNoSooner(t *testing.T) {
	c := pair(Options{UntilHeard: true, Hold: time.Minute})
	hearTone(c.members[0], 1)
	if c.isHeard() {
		t.Error("the second has heard nothing, and it is enough")
	}
	hearTone(c.members[1], 0)
	began := time.Now()
	c.wait(context.Background())
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the pair stayed for %s", took)
	}
}

func TestWhoHasNoLinkIsNotWaitedFor(t *testing.T) {
	c := pair(Options{UntilHeard: true})
	c.members[1].links.held = nil
	hearTone(c.members[0], 1)
	if !c.isHeard() {
		t.Error("somebody without a link is waited for")
	}
}

func TestACrowdStaysForItsTimeWhateverIsHeard(t *testing.T) {
	c := pair(Options{Hold: time.Minute})
	hearTone(c.members[0], 1)
	hearTone(c.members[1], 0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.wait(ctx)
	if ctx.Err() == nil {
		t.Error("the crowd went before its time")
	}
}

func TestTheFirstLogsInWhereARoomIsOpenedAndTheOthersAsGuests(t *testing.T) {
	o := Options{Server: xmpp.Server{Domain: "guest.d"}, Opener: &xmpp.Server{Domain: "d", User: "anna"}}
	c := pair(o)
	first, second := c.members[0].server, c.members[1].server
	if first.Domain != "d" || first.User != "anna" || second.Domain != "guest.d" || second.User != "" {
		t.Errorf("the first as %s at %s, the second as %q at %s", first.User, first.Domain, second.User, second.Domain)
	}
}
