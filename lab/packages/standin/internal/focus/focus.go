package focus

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// nickname is the focus's name in the brewery and in every conference.
const nickname = "focus"

// Focus is the whole state of the stand-in.
type Focus struct {
	settings
	log             *startup.Log
	bridges         *selector
	client, service *xmpp.Connection // service is client where the service connection is disabled
	rooms           *rooms
	visitors        *visitors
	logins          *logins
	recorders       *detector
	recordings      *recordings
	enter           func(session *xmpp.Session, brewery string) // askIn; another one in tests
	own             ownHealth
	silent          waiting
	cut             atomic.Int64 // endpoints that had no bridge for a while, since the start
	losesBrewery    bool         // as jicofo did before its change 1297
	invitesNobody   atomic.Bool  // the lab has told it to find no bridge for anybody, until it starts anew

	mutex       sync.Mutex
	inBrewery   bool
	offlineFrom time.Time          // when the brewery's connection was lost last
	hasLeft     bool               // it was away for so long that jicofo has given the brewery up
	moved       int64              // endpoints moved on request
	audible     presence.Endpoints // forgotten with the brewery, while their clients go on
}

// Run starts jicofo's stand-in and returns only if it cannot start.
func Run(environment *startup.Environment) error {
	s, err := readSettings(environment.Config)
	if err != nil {
		return err
	}
	log := environment.Log
	f := &Focus{settings: s, log: log, bridges: &selector{settings: s, log: log, bridges: map[string]*bridge{}}}
	f.enter = f.askIn
	f.rooms = newRooms(f)
	f.visitors = newVisitors(f)
	f.logins = newLogins(s.authentication)
	f.losesBrewery = os.Getenv("STANDIN_LOSES_BREWERY") == "1"
	f.recorders, f.recordings = newDetector(log), newRecordings(f)
	f.client = f.connect(s.client, environment.Trust)
	f.service = f.client
	if s.service.enabled {
		f.service = f.connect(s.service, environment.Trust)
	}
	if err := f.listen(); err != nil {
		return err
	}
	ctx := context.Background()
	go f.client.Run(ctx)
	if f.service != f.client {
		go f.service.Run(ctx)
	}
	f.visitors.begin(ctx, environment.Trust)
	go f.checkBridges(ctx)
	go f.checkOwnHealth(ctx)
	environment.AwaitSignal(f.stop)
	return nil
}

func (f *Focus) receive(session *xmpp.Session, stanza *xmpp.Element) {
	switch stanza.XMLName.Local {
	case "presence":
		f.presence(session, stanza)
	case "iq":
		// A request may take as long as joining a room does; other stanzas must not wait for it.
		go func() {
			if err := session.Send(f.answer(stanza)); err != nil {
				f.log.Warn("Cannot answer %s: %v", stanza.Attr("from"), err)
			}
		}()
	}
}

func (f *Focus) presence(session *xmpp.Session, stanza *xmpp.Element) {
	from := stanza.Attr("from")
	switch room := xmpp.Bare(from); {
	case stanza.Attr("type") == "subscribe":
		_ = session.Send(xmpp.New("", "presence", "type", "subscribed", "to", room))
	case room == f.brewery:
		f.bridgeMember().Presence(session, stanza)
	case room == f.recorderBrewery:
		f.recorderMember().Presence(session, stanza)
	default:
		f.rooms.presence(session, stanza)
	}
}
