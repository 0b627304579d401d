package recorder

import (
	"encoding/json"
	"errors"
	"sync"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// control is the login over which orders come.
type control struct {
	recorder    *Recorder
	environment *environment
	server      server
	connection  *xmpp.Connection
	mutex       sync.Mutex
	joined      bool
}

func newControl(r *Recorder, e *environment, host server, trust xmpp.Trust) *control {
	c := &control{recorder: r, environment: e, server: host}
	c.connection = &xmpp.Connection{
		Account: xmpp.Account{
			Host: host.host, Port: host.port, Domain: e.control.domain, User: e.control.user, Password: e.control.password, Trust: trust,
		},
		Online: func(session *xmpp.Session) {
			r.log.Info("[environment=%s] Connected to %s as %s", e.name, host.text, session.JID)
			c.enter(session)
		},
		Failed: func(err error) {
			r.log.Warn("[environment=%s] Error connecting to %s: %v; will re-try after 1 second", e.name, host.text, err)
		},
		Offline: c.offline,
		Stanza:  c.receive,
	}
	return c
}

// name is how health tells who gave the order.
func (c *control) name() string { return c.environment.name + "-" + c.server.text }

func (c *control) enter(session *xmpp.Session) {
	if err := session.JoinRoom(c.environment.brewery, c.environment.nickname, c.recorder.presence()); err != nil {
		c.recorder.log.Warn("[environment=%s] Cannot send to %s: %v", c.environment.name, c.environment.brewery, err)
	}
}

// publish tells the brewery how the recorder is.
func (c *control) publish() {
	session := c.connection.Session()
	if session == nil || !c.isJoined() {
		return
	}
	update := xmpp.RoomPresence(c.environment.brewery, c.environment.nickname, c.recorder.presence())
	if err := session.Send(update); err != nil {
		c.recorder.log.Warn("[environment=%s] Cannot send to %s: %v", c.environment.name, c.environment.brewery, err)
	}
}

func (c *control) isJoined() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.joined
}

// offline ends the recording that was ordered over the lost connection: jicofo gives it to somebody else.
func (c *control) offline(err error) {
	c.recorder.log.Warn("[environment=%s] Connection to %s closed: %v", c.environment.name, c.server.text, err)
	c.mutex.Lock()
	c.joined = false
	c.mutex.Unlock()
	if _, _, context := c.recorder.figures(); context == c.name() {
		c.recorder.log.Warn("XMPP disconnected, stopping.")
		go c.recorder.stop()
	}
}

func (c *control) receive(session *xmpp.Session, stanza *xmpp.Element) {
	switch kind := stanza.Attr("type"); {
	case stanza.XMLName.Local == "presence" && xmpp.Bare(stanza.Attr("from")) == c.environment.brewery:
		c.member().Presence(session, stanza)
	case stanza.XMLName.Local == "iq" && (kind == "set" || kind == "get"):
		// The answer to a stop comes when the finalize script has ended; other stanzas must not wait for that.
		go func() {
			if err := session.Send(c.answer(session, stanza)); err != nil {
				c.recorder.log.Warn("Cannot answer %s: %v", stanza.Attr("from"), err)
			}
		}()
	}
}

// member is the recorder in its brewery, where it listens to nobody.
func (c *control) member() xmpp.Member {
	return xmpp.Member{
		Enter: c.enter,
		Refused: func(problem *xmpp.StanzaError) {
			c.recorder.log.Error("[environment=%s] Cannot join %s as %s: %v", c.environment.name, c.environment.brewery,
				c.environment.nickname, problem)
		},
		Inside: func(isInside bool) {
			c.mutex.Lock()
			known := c.joined
			c.joined = isInside
			c.mutex.Unlock()
			if !known && isInside {
				c.recorder.log.Info("[environment=%s] Joined MUC: %s", c.environment.name, c.environment.brewery)
			}
		},
	}
}

// answer is the reply to a query: an order of jicofo, or a ping.
func (c *control) answer(session *xmpp.Session, query *xmpp.Element) xmpp.Element {
	order := query.Child(presence.NSJibri, "jibri")
	switch {
	case query.Child("urn:xmpp:ping", "ping") != nil:
		return xmpp.Answer(query)
	case order == nil:
		return xmpp.Refuse(query, "modify", "bad-request", "")
	}
	c.recorder.log.Info("Received JibriIq action=%s mode=%s room=%s session=%s from environment %s", order.Attr("action"),
		order.Attr("recording_mode"), order.Attr("room"), order.Attr("session_id"), c.environment.name)
	switch order.Attr("action") {
	case "start":
		return xmpp.Answer(query, c.start(session, query.Attr("from"), order))
	case "stop":
		c.recorder.stop()
		return xmpp.Answer(query, xmpp.New(presence.NSJibri, "jibri", "status", "off"))
	}
	return xmpp.Refuse(query, "modify", "bad-request", "")
}

// start takes an order to record; only recordings to a file are simulated.
func (c *control) start(session *xmpp.Session, from string, request *xmpp.Element) xmpp.Element {
	refused := func(reason, retry string) xmpp.Element {
		return xmpp.New(presence.NSJibri, "jibri", "status", "off", "failure_reason", reason, "should_retry", retry)
	}
	if request.Attr("recording_mode") != "file" || request.Attr("sipaddress") != "" {
		c.recorder.log.Error("Unsupported IQ mode: %s", request.Attr("recording_mode"))
		return refused("error", "false")
	}
	err := c.recorder.start(c.environment, c.name(), order{
		room: request.Attr("room"), session: request.Attr("session_id"), appData: metadataOf(request.Attr("app_data")),
		tell: func(o outcome) { c.tell(session, from, o) },
	})
	switch {
	case errors.Is(err, errBusy):
		c.recorder.log.Error("%v", err)
		return refused("busy", "true")
	case err != nil:
		c.recorder.log.Error("Error starting Jibri service %v", err)
		return refused("error", "true")
	}
	return xmpp.New(presence.NSJibri, "jibri", "status", "pending")
}

// tell sends an outcome to whoever gave the order.
func (c *control) tell(session *xmpp.Session, to string, o outcome) {
	told := xmpp.New(presence.NSJibri, "jibri", "status", "off")
	switch {
	case o.isOn:
		told = xmpp.New(presence.NSJibri, "jibri", "status", "on")
	case o.isFailure:
		told = xmpp.New(presence.NSJibri, "jibri", "status", "off", "failure_reason", "error", "should_retry", "true")
	}
	message := xmpp.New("", "iq", "type", "set", "id", "j"+randomName(), "to", to).With(told)
	if err := session.Send(message); err != nil {
		c.recorder.log.Warn("Cannot tell %s (%v): %v", to, o, err)
	}
}

// metadataOf is what an order's application data adds to metadata.json.
func metadataOf(appData string) map[string]any {
	var data struct {
		Metadata map[string]any `json:"file_recording_metadata"`
	}
	_ = json.Unmarshal([]byte(appData), &data)
	return data.Metadata
}

// statusElement is how a recorder describes itself in its presence.
func statusElement(status busyStatus, isHealthy bool) xmpp.Element {
	return presence.Recorder{IsBusy: status != idle, IsHealthy: isHealthy}.Element()
}
