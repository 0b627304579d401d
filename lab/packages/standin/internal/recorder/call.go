package recorder

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

// joinTimeout is how long Jibri waits for the page to be in the conference.
const joinTimeout = 30 * time.Second

// call is our place in a conference, as the page in Chrome takes it: a hidden participant.
type call struct {
	session        *xmpp.Session
	room, nickname string
	hiddenDomain   string
	joined         chan error
	mutex          sync.Mutex
	occupants      map[string]occupant
}

// joinCall opens the page of a conference, logs in over its websocket and enters the room; lost is called when the
// connection ends by itself. Errors say which step failed.
func joinCall(ctx context.Context, e *environment, address, name, room string, lost func(error)) (*call, error) {
	opened, err := openPage(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	if opened.hiddenDomain != e.call.domain {
		return nil, fmt.Errorf("config.hiddenDomain of the page is %q and not %q: everybody would see the recorder as a participant",
			opened.hiddenDomain, e.call.domain)
	}
	account := xmpp.Account{Domain: e.call.domain, User: e.call.user, Password: e.call.password, Trust: browserTrust}
	session, err := xmpp.LoginOverWebsocket(ctx, opened.websocket+"?room="+url.QueryEscape(name), account)
	if err != nil {
		return nil, fmt.Errorf("the login of %s@%s: %w", e.call.user, e.call.domain, err)
	}
	c := &call{
		session: session, room: room, nickname: randomName(), hiddenDomain: e.call.domain,
		joined: make(chan error, 1), occupants: map[string]occupant{},
	}
	go func() {
		err := session.Serve(c.receive)
		c.settle(err)
		lost(err)
	}()
	go session.KeepAlive(ctx, e.call.domain)
	if err := session.JoinRoom(room, c.nickname, c.announced()...); err != nil {
		return nil, err
	}
	select {
	case err = <-c.joined:
	case <-time.After(joinTimeout):
		err = errors.New("no answer within " + joinTimeout.String())
	}
	if err != nil {
		session.Close()
		return nil, fmt.Errorf("the room %s: %w", room, err)
	}
	return c, nil
}

func randomName() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	return fmt.Sprintf("%x", random)
}

// announced is what a page that records says of itself: it sends nothing.
func (c *call) announced() []xmpp.Element {
	muted, stats := xmpp.New("", "audiomuted"), xmpp.New("", "stats-id")
	muted.Text, stats.Text = "true", "jibri"
	return []xmpp.Element{stats, muted}
}

// tell puts the session's properties into our presence, where the pages of the others look for them.
func (c *call) tell(properties [][2]string) error {
	elements := c.announced()
	for _, property := range properties {
		element := xmpp.New("", property[0])
		element.Text = property[1]
		elements = append(elements, element)
	}
	return c.session.Send(xmpp.RoomPresence(c.room, c.nickname, elements...))
}

func (c *call) settle(err error) {
	select {
	case c.joined <- err:
	default: // settled before
	}
}

func (c *call) receive(session *xmpp.Session, stanza *xmpp.Element) {
	switch stanza.XMLName.Local {
	case "iq":
		c.answer(session, stanza)
	case "presence":
		c.presence(stanza)
	}
}

// answer lets jicofo invite us and the server ping us; there is no media to be agreed on.
func (c *call) answer(session *xmpp.Session, query *xmpp.Element) {
	if kind := query.Attr("type"); kind != "set" && kind != "get" {
		return
	}
	if query.Child("urn:xmpp:jingle:1", "jingle") != nil || query.Child("urn:xmpp:ping", "ping") != nil {
		_ = session.Send(xmpp.Answer(query))
		return
	}
	_ = session.Send(xmpp.Refuse(query, "cancel", "feature-not-implemented", "not simulated by the stand-in"))
}

func (c *call) presence(stanza *xmpp.Element) {
	from := stanza.Attr("from")
	if xmpp.Bare(from) != c.room {
		return
	}
	nick := xmpp.Resource(from)
	own, _ := xmpp.IsOwn(stanza)
	switch kind := stanza.Attr("type"); {
	case kind == "error":
		c.settle(xmpp.Problem(stanza))
	case own && kind == "unavailable":
		c.settle(errors.New("put out of the room"))
	case own:
		c.settle(nil)
	case nick == "focus":
	default:
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if kind == "unavailable" {
			delete(c.occupants, nick)
		} else {
			c.occupants[nick] = readOccupant(stanza, c.hiddenDomain)
		}
	}
}

func (c *call) leave() {
	_ = c.session.Send(xmpp.New("", "presence", "type", "unavailable", "to", c.room+"/"+c.nickname))
	c.session.Close()
}
