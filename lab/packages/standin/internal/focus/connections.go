package focus

import (
	"time"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

// stop is the orderly way down: conferences end on their bridges, and the focus leaves the rooms.
func (f *Focus) stop() {
	f.expireAll()
	f.rooms.leaveAll()
	f.client.Close()
	f.service.Close()
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
		Resource: l.resource, Trust: trust, Managed: true,
	}}
	c.Failed = func(err error) {
		f.log.Error("[xmpp_connection=%s] Failed to connect: %v, will re-try after 1 second", l.name, err)
	}
	c.Online = func(session *xmpp.Session) {
		f.log.Info("[xmpp_connection=%s] Registered (resumed=false) as %s", l.name, session.JID)
		f.begin(c, session)
	}
	c.Resumed = func(session *xmpp.Session) {
		f.log.Info("[xmpp_connection=%s] Registered (resumed=true) as %s", l.name, session.JID)
		if c == f.breweryConnection() {
			f.resumeBrewery(session)
		}
	}
	c.Offline = func(err error) {
		f.log.Error("[xmpp_connection=%s] XMPP connection closed on error: %v", l.name, err)
		f.lose(c, l.replyTimeout)
	}
	c.Stanza = f.receive
	return c
}

// begin is what a new stream needs. What was there before, on one that could not be resumed, is over.
func (f *Focus) begin(c *xmpp.Connection, session *xmpp.Session) {
	if c == f.client {
		if c.Losses() > 0 {
			f.forgetConferences()
		}
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

// lose waits for the stream to be resumed, where the server keeps it, for the reply timeout; else conferences and recorders are
// lost at once. The bridges are waited for in any case.
func (f *Focus) lose(c *xmpp.Connection, timeout time.Duration) {
	if c == f.breweryConnection() {
		f.leaveBrewery()
	}
	forget := func() {
		if c == f.recorderConnection() {
			f.leaveRecorders()
		}
		if c == f.client {
			f.forgetConferences()
		}
	}
	if !c.CanResume() {
		forget()
		return
	}
	losses := c.Losses()
	time.AfterFunc(timeout, func() {
		if c.Losses() == losses && c.Session() == nil {
			forget()
		}
	})
}

// forgetConferences stops all of them: their connection is gone. What they have on bridges expires.
func (f *Focus) forgetConferences() {
	if f.rooms.forget() {
		go f.expireAll()
	}
}
