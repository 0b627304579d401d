package crowd

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"audio-meet/rehearse/internal/hearing"
	"audio-meet/rehearse/internal/jingle"
	"audio-meet/rehearse/internal/media"
	"audio-meet/rehearse/internal/xmpp"
)

// participant is one member of the crowd: a session of XMPP, a link to a bridge, and ears.
type participant struct {
	number   uint16
	nickname string
	room     string
	region   string
	ssrc     uint32
	server   xmpp.Server
	// way says how media travels; it may ask the server.
	way         func(ctx context.Context, stream *xmpp.Stream) (media.Way, error)
	certificate tls.Certificate
	listener    *hearing.Listener

	arrived, joined time.Time
	entered         chan error
	offers          chan []byte
	invitations     atomic.Int32
	// returns counts how often somebody was thrown out and came again.
	returns atomic.Int32

	links     links
	mutex     sync.Mutex
	stream    *xmpp.Stream
	connected time.Time
	bridge    Bridge
	failure   error
	rtp       voice
}

// Bridge is where jicofo put somebody.
type Bridge struct {
	Address string `json:"address"`
	Region  string `json:"region"`
}

const (
	// own marks the presence in which a room tells somebody about himself (XEP-0045 §7.2.2).
	own = "code='110'"
	// Invitations that wait to be taken; the last one counts.
	offersWaiting = 16
	linkTimeout   = 30 * time.Second
	roomPause     = 500 * time.Millisecond
)

func newParticipant(number int, o Options, certificate tls.Certificate) *participant {
	region := ""
	if len(o.Regions) > 0 {
		region = o.Regions[number%len(o.Regions)]
	}
	server := o.Server
	if number == 0 && o.Opener != nil {
		server = *o.Opener
	}
	return &participant{
		number: uint16(number), nickname: fmt.Sprintf("%08x", rand.Uint32()), room: o.Room + "@" + o.Conferences, region: region,
		ssrc: rand.Uint32() | 1, server: server, way: wayOf(o, server.Domain), certificate: certificate,
		entered: make(chan error, 1), offers: make(chan []byte, offersWaiting), rtp: newVoice(),
	}
}

// enter goes from nothing into the room.
func (p *participant) enter(ctx context.Context) error {
	stream, err := xmpp.Open(ctx, p.server, p.hear)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	p.stream = stream
	p.mutex.Unlock()
	if err := p.askForRoom(ctx); err != nil {
		return fmt.Errorf("jicofo does not open the room: %w", err)
	}
	select {
	case <-p.entered: // what was said to an earlier stream
	default:
	}
	if err := stream.Send(ctx, p.presence(true, true)); err != nil {
		return err
	}
	select {
	case err = <-p.entered:
	case <-ctx.Done():
		err = fmt.Errorf("the room does not let in: %w", ctx.Err())
	}
	return err
}

// comeAgain does what a page does that has lost its connection: it loads anew and joins, until it is in the room.
func (p *participant) comeAgain(ctx context.Context, pause, patience time.Duration) {
	p.links.endAll()
	p.returns.Add(1)
	for ctx.Err() == nil {
		select {
		case <-time.After(rand.N(pause)):
		case <-ctx.Done():
			return
		}
		entering, cancel := context.WithTimeout(ctx, patience)
		err := p.enter(entering)
		cancel()
		if err == nil {
			return
		}
		p.fail(err)
	}
}

// talksOver is the stream of now; nil: none yet.
func (p *participant) talksOver() *xmpp.Stream {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.stream
}

// fail notes what keeps somebody from hearing; nil: nothing any more.
func (p *participant) fail(err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.failure = err
}

func (p *participant) presence(join, muted bool) string {
	return xmpp.Presence{Room: p.room, Nickname: p.nickname, Region: p.region, Join: join, Muted: muted}.String()
}

// askForRoom asks jicofo, as the page does before each join, until the room is ready.
func (p *participant) askForRoom(ctx context.Context) error {
	question := fmt.Sprintf("<conference xmlns='http://jitsi.org/protocol/focus' room='%s' machine-uid='%s'/>", p.room, p.nickname)
	for {
		said, err := p.talksOver().Ask(ctx, "set", "focus."+p.conferenceDomain(), question)
		if err != nil {
			return err
		}
		if bytes.Contains(said, []byte("ready='true'")) {
			return nil
		}
		select {
		case <-time.After(roomPause):
		case <-ctx.Done():
			return errors.New("the room is not ready: a moderator has to begin it")
		}
	}
}

// conferenceDomain is the deployment's: the part of the room's address after "conference.".
func (p *participant) conferenceDomain() string {
	_, domain, _ := bytes.Cut([]byte(p.room), []byte("@conference."))
	return string(domain)
}

// hear takes one stanza.
func (p *participant) hear(stanza []byte) {
	switch {
	case bytes.HasPrefix(stanza, []byte("<presence")):
		p.hearPresence(stanza)
	case bytes.HasPrefix(stanza, []byte("<iq")):
		if request, ok := xmpp.RequestIn(stanza); ok {
			p.answer(request, stanza)
		}
	}
}

func (p *participant) hearPresence(stanza []byte) {
	var outcome error
	if bytes.Contains(stanza[:min(len(stanza), 300)], []byte("type='error'")) {
		outcome = fmt.Errorf("the room refuses: %.300s", stanza)
	} else if !bytes.Contains(stanza, []byte(own)) {
		return
	}
	select {
	case p.entered <- outcome:
	default:
	}
}

func (p *participant) answer(request xmpp.Request, stanza []byte) {
	reply := xmpp.Result(request, "")
	if request.Query != nil {
		reply = xmpp.Abilities(request)
	}
	_ = p.talksOver().Send(context.Background(), reply)
	if request.Jingle == nil {
		return
	}
	switch request.Jingle.Action {
	case "session-initiate":
		p.invitations.Add(1)
		select {
		case p.offers <- append([]byte(nil), stanza...):
		default:
		}
	case "session-terminate":
		p.links.end(request.Jingle.Session)
	}
}

// follow takes each invitation until the stream or the context ends; `onLink` hears of the first and of each further one.
func (p *participant) follow(ctx context.Context, onLink func(error)) {
	stream := p.talksOver()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-stream.Ended():
			err = fmt.Errorf("XMPP: %w", stream.Failure())
		case stanza := <-p.offers:
			err = p.link(ctx, stanza)
		}
		p.fail(err)
		onLink(err)
		select {
		case <-stream.Ended():
			return
		default:
		}
	}
}

// link answers an invitation and connects to the bridge.
func (p *participant) link(ctx context.Context, stanza []byte) error {
	ctx, cancel := context.WithTimeout(ctx, linkTimeout)
	defer cancel()
	offer, err := jingle.OfferIn(stanza)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	p.bridge = Bridge{Address: offer.Transport.Candidates[0].IP, Region: offer.Region}
	p.mutex.Unlock()
	way, err := p.way(ctx, p.talksOver())
	if err != nil {
		return err
	}
	ears := media.Ears{Packet: p.earsOf(), Message: p.listener.Message}
	transport, err := media.Prepare(ctx, offer, way, p.certificate, ears)
	if err != nil {
		return err
	}
	answer := jingle.Answer{Nickname: p.nickname, Responder: p.room + "/" + p.nickname, SSRC: p.ssrc, Transport: transport.Local()}
	if _, err := p.talksOver().Ask(ctx, "set", p.room+"/focus", offer.Accept(answer)); err != nil {
		transport.Close()
		return fmt.Errorf("the answer to the invitation: %w", err)
	}
	if err := transport.Connect(ctx); err != nil {
		transport.Close()
		return err
	}
	p.take(transport, offer)
	if !offer.HasData {
		return nil
	}
	return transport.OpenChannel()
}

func (p *participant) take(transport *media.Transport, offer jingle.Offer) {
	p.mutex.Lock()
	p.bridge = Bridge{Address: transport.Bridge(), Region: offer.Region}
	p.rtp.level = offer.AudioLevel
	if p.connected.IsZero() {
		p.connected = time.Now()
	}
	p.mutex.Unlock()
	p.links.add(offer.Session, transport)
}

// leave ends everything.
func (p *participant) leave() {
	p.links.endAll()
	if stream := p.talksOver(); stream != nil {
		_ = stream.Send(context.Background(), fmt.Sprintf("<presence xmlns='jabber:client' type='unavailable' to='%s/%s'/>", p.room, p.nickname))
		stream.Close()
	}
}
