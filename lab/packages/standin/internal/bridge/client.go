package bridge

import (
	"strconv"
	"sync"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// client is one login with the rooms that it announces the bridge in.
type client struct {
	bridge     *Bridge
	muc        muc
	connection *xmpp.Connection

	mutex  sync.Mutex
	joined map[string]bool
	left   bool // it has left its rooms and does not enter them again, until its next login
	heard  int  // presences received from rooms, our own among them
}

func newClient(b *Bridge, m muc, trust xmpp.Trust) *client {
	c := &client{bridge: b, muc: m, joined: map[string]bool{}}
	c.connection = &xmpp.Connection{
		Account: xmpp.Account{
			Host: m.host, Port: m.port, Domain: m.domain, User: m.user, Password: m.password, Trust: trust,
			Managed: true,
		},
		Stubborn: true, Online: c.online,
		Failed: func(err error) { b.log.Warn("[id=%s] Error connecting: %v; will re-try after 1 second", m.id, err) },
		Offline: func(err error) {
			b.log.Warn("[id=%s] Closed on error: %v", m.id, err)
		},
		Resumed: func(*xmpp.Session) { b.log.Info("[id=%s] Authenticated, resumed=true", m.id) },
		Stanza:  c.receive,
	}
	return c
}

func (c *client) forget() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.joined, c.left = map[string]bool{}, false
}

// leave goes out of the rooms for no reason that anybody would notice: the login stays, and so does all that is on the bridge.
func (c *client) leave() {
	session := c.connection.Session()
	if session == nil {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.left = true
	for room := range c.joined {
		gone := xmpp.New("", "presence", "type", "unavailable", "to", room+"/"+c.muc.nickname)
		if err := session.Send(gone); err != nil {
			c.bridge.log.Warn("[id=%s] Cannot send to %s: %v", c.muc.id, room, err)
		}
	}
	c.joined = map[string]bool{}
}

// joinedRooms counts the rooms that the bridge is an occupant of: none without a connection.
func (c *client) joinedRooms() int {
	if c.connection.Session() == nil {
		return 0
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.joined)
}

// presencesHeard counts the presences that rooms sent.
func (c *client) presencesHeard() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.heard
}

func (c *client) announcement() []xmpp.Element {
	return []xmpp.Element{
		c.bridge.announced().Element(c.bridge.whitelist),
		c.bridge.figures().endpoints.Element(),
	}
}

func (c *client) online(session *xmpp.Session) {
	c.bridge.log.Info("[id=%s] Connected and authenticated as %s", c.muc.id, session.JID)
	c.forget()
	c.enter(session)
}

func (c *client) enter(session *xmpp.Session) {
	for _, room := range c.muc.rooms {
		c.mutex.Lock()
		joined := c.joined[room] || c.left
		c.mutex.Unlock()
		if joined {
			continue
		}
		if err := session.JoinRoom(room, c.muc.nickname, c.announcement()...); err != nil {
			c.bridge.log.Warn("[id=%s] Cannot send to %s: %v", c.muc.id, room, err)
		}
	}
}

// publish announces the bridge in the rooms it is in, and tries again to enter the others.
func (c *client) publish() {
	session := c.connection.Session()
	if session == nil {
		return
	}
	c.enter(session)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for room := range c.joined {
		if err := session.Send(xmpp.RoomPresence(room, c.muc.nickname, c.announcement()...)); err != nil {
			c.bridge.log.Warn("[id=%s] Cannot send to %s: %v", c.muc.id, room, err)
		}
	}
}

func (c *client) receive(session *xmpp.Session, stanza *xmpp.Element) {
	switch stanza.XMLName.Local {
	case "presence":
		c.occupant(session, stanza)
	case "iq":
		if err := session.Send(c.answer(stanza)); err != nil {
			c.bridge.log.Warn("[id=%s] Cannot answer %s: %v", c.muc.id, stanza.Attr("from"), err)
		}
	}
}

func (c *client) occupant(session *xmpp.Session, stanza *xmpp.Element) {
	room := xmpp.Bare(stanza.Attr("from"))
	c.mutex.Lock()
	c.heard++
	c.mutex.Unlock()
	own, created := xmpp.IsOwn(stanza)
	kind := stanza.Attr("type")
	if kind == "error" {
		c.bridge.log.Error("[id=%s] Cannot join %s as %s: %v", c.muc.id, room, c.muc.nickname, xmpp.Problem(stanza))
	}
	if !own {
		return
	}
	c.mutex.Lock()
	known := c.joined[room]
	if kind == "unavailable" {
		delete(c.joined, room)
	} else {
		c.joined[room] = !c.left
	}
	c.mutex.Unlock()
	if !known && kind == "" {
		c.bridge.log.Info("[id=%s] Joined MUC: %s", c.muc.id, room)
	}
	if created {
		go func() {
			if err := session.UnlockRoom(room); err != nil {
				c.bridge.log.Error("[id=%s] Cannot configure %s: %v", c.muc.id, room, err)
			}
		}()
	}
}

// answer is the bridge's reply to a query: health, ping, and the stand-ins' own one about endpoints.
func (c *client) answer(query *xmpp.Element) xmpp.Element {
	switch {
	case query.Child(presence.NSHealth, "healthcheck") != nil:
		if problem := c.bridge.figures().unhealthy; problem != "" {
			return xmpp.Refuse(query, "cancel", "internal-server-error", problem)
		}
		return xmpp.Answer(query)
	case query.Child("urn:xmpp:ping", "ping") != nil:
		return xmpp.Answer(query)
	case query.Child(presence.NS, "opening") != nil:
		one := c.bridge.open(query.Child(presence.NS, "opening").Attr("meeting"))
		return xmpp.Answer(query, xmpp.New(presence.NS, "opening", "ufrag", one.Fragment, "pwd", one.Password,
			"ip", one.Address, "port", strconv.Itoa(one.Port)))
	case query.Child(presence.NS, "endpoints") != nil && query.Attr("type") == "set":
		changes := presence.ReadEndpoints(query)
		if query.Child(presence.NS, "endpoints").Attr("expire") == "true" {
			for conference := range changes {
				c.bridge.log.Info("[conf_name=%s] Received request to expire conference.", conference)
			}
		}
		return xmpp.Answer(query, c.bridge.addEndpoints(changes).Element())
	case query.Child(presence.NS, "endpoints") != nil:
		return xmpp.Answer(query, c.bridge.figures().endpoints.Element())
	}
	return xmpp.Refuse(query, "cancel", "feature-not-implemented", "not simulated by the stand-in")
}
