package focus

import (
	"context"
	"sync"
	"time"

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
	logins          *logins
	recorders       *detector
	recordings      *recordings

	mutex       sync.Mutex
	inBrewery   bool
	offlineFrom time.Time // when the brewery's connection was lost last
	moved       int64     // endpoints moved on request
}

// Run starts jicofo's stand-in and returns only if it cannot start.
func Run(environment *startup.Environment) error {
	s, err := readSettings(environment.Config)
	if err != nil {
		return err
	}
	log := environment.Log
	f := &Focus{settings: s, log: log, bridges: &selector{settings: s, log: log, bridges: map[string]*bridge{}}}
	f.rooms = newRooms(f)
	f.logins = newLogins(s.authentication)
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
	go f.checkBridges(ctx)
	environment.AwaitSignal()
	return nil
}

// breweryConnection is the connection that the bridges are on.
func (f *Focus) breweryConnection() *xmpp.Connection {
	if f.breweryOnService {
		return f.service
	}
	return f.client
}

func (f *Focus) connect(l login, trust xmpp.Trust) *xmpp.Connection {
	c := &xmpp.Connection{Account: xmpp.Account{
		Host: l.host, Port: l.port, Domain: l.domain, User: l.user, Password: l.password,
		Resource: l.resource, Trust: trust,
	}}
	c.Failed = func(err error) {
		f.log.Error("[xmpp_connection=%s] Failed to connect: %v, will re-try after 1 second", l.name, err)
	}
	c.Online = func(session *xmpp.Session) {
		f.log.Info("[xmpp_connection=%s] Registered as %s", l.name, session.JID)
		if c == f.client {
			// Presence makes this session known to the client proxy, through focus's roster.
			_ = session.Send(xmpp.New("", "presence"))
		}
		if c == f.breweryConnection() {
			f.enterBrewery(session)
		}
		if c == f.recorderConnection() && f.recorderBrewery != "" {
			f.enter(session, f.recorderBrewery)
		}
	}
	c.Offline = func(err error) {
		f.log.Warn("[xmpp_connection=%s] Connection closed: %v", l.name, err)
		if c == f.breweryConnection() {
			f.leaveBrewery()
		}
		if c == f.recorderConnection() {
			f.leaveRecorders()
		}
		if c == f.client {
			f.rooms.forget()
		}
	}
	c.Stanza = f.receive
	return c
}

// enterBrewery joins at the first login. After a short loss it first forgets the bridges and waits for the reply
// timeout, because that is how long the real jicofo's new join hangs then; a long loss has spent that time already.
func (f *Focus) enterBrewery(session *xmpp.Session) {
	if f.brewery == "" {
		f.log.Error("No bridge.brewery-jid configured: no bridge will be found")
		return
	}
	f.mutex.Lock()
	lostAt := f.offlineFrom
	f.mutex.Unlock()
	wait := time.Duration(0)
	timeout := f.breweryTimeout()
	if !lostAt.IsZero() && time.Since(lostAt) < timeout {
		f.bridges.clear()
		wait = timeout
	}
	time.AfterFunc(wait, func() { f.enter(session, f.brewery) })
}

func (f *Focus) breweryTimeout() time.Duration {
	if f.breweryOnService {
		return f.settings.service.replyTimeout
	}
	return f.settings.client.replyTimeout
}

// leaveBrewery forgets the bridges if the connection stays away for the reply timeout.
func (f *Focus) leaveBrewery() {
	f.mutex.Lock()
	lostAt := time.Now()
	f.inBrewery, f.offlineFrom = false, lostAt
	f.mutex.Unlock()
	time.AfterFunc(f.breweryTimeout(), func() {
		f.mutex.Lock()
		gone := f.offlineFrom.Equal(lostAt) && f.breweryConnection().Session() == nil
		f.mutex.Unlock()
		if gone {
			f.bridges.clear()
		}
	})
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
