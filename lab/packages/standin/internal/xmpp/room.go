package xmpp

import (
	"context"
	"time"
)

const (
	nsMUC      = "http://jabber.org/protocol/muc"
	nsMUCUser  = nsMUC + "#user"
	nsMUCOwner = nsMUC + "#owner"
	nsForms    = "jabber:x:data"
)

// JoinRoom sends the presence that enters a room under a nickname, with what else it shall announce.
func (s *Session) JoinRoom(room, nickname string, announced ...Element) error {
	return s.Send(RoomPresence(room, nickname, announced...).With(New(nsMUC, "x")))
}

// RoomPresence is the presence of an occupant.
func RoomPresence(room, nickname string, announced ...Element) Element {
	return New("", "presence", "to", room+"/"+nickname).With(announced...)
}

// IsOwn tells whether a presence is about ourselves (status 110); created, whether we made the room (201).
func IsOwn(presence *Element) (own, created bool) {
	if x := presence.Child(nsMUCUser, "x"); x != nil {
		for _, child := range x.Children {
			own = own || child.Attr("code") == "110"
			created = created || child.Attr("code") == "201"
		}
	}
	return own, created
}

// UnlockRoom accepts the default configuration of a room that we made; until then nobody else may enter it.
func (s *Session) UnlockRoom(room string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	form := New(nsForms, "x", "type", "submit")
	_, err := s.Query(ctx, "set", room, New(nsMUCOwner, "query").With(form))
	return err
}
