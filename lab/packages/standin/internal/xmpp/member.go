package xmpp

import "time"

// rejoinDelay is the pause before a room that did not let us in is asked again.
const rejoinDelay = 5 * time.Second

// Member is somebody in a room in which daemons announce themselves.
type Member struct {
	Enter   func(*Session)     // asks the room to let us in
	Refused func(*StanzaError) // it does not; it is asked again after a pause
	Inside  func(bool)         // our own presence came: whether we are in the room
	Changed func(*Element)     // somebody else's presence came; nil where nobody listens
	Left    func(jid string)   // somebody else is gone; nil where nobody listens
}

// Presence handles a presence from the room. A room that we made is opened to others.
func (m Member) Presence(session *Session, stanza *Element) {
	from, kind := stanza.Attr("from"), stanza.Attr("type")
	own, created := IsOwn(stanza)
	switch {
	case kind == "error":
		m.Refused(Problem(stanza))
		time.AfterFunc(rejoinDelay, func() { m.Enter(session) })
	case own:
		m.Inside(kind == "")
		if created {
			go func() { _ = session.UnlockRoom(Bare(from)) }()
		}
	case kind == "unavailable" && m.Left != nil:
		m.Left(from)
	case kind == "" && m.Changed != nil:
		m.Changed(stanza)
	}
}
