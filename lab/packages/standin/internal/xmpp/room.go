package xmpp

import (
	"context"
	"time"
)

const (
	nsMUC      = "http://jabber.org/protocol/muc"
	nsMUCUser  = nsMUC + "#user"
	nsMUCAdmin = nsMUC + "#admin"
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

// Occupant returns the real address and the affiliation of an occupant, as a room tells them its owners in a presence.
func Occupant(presence *Element) (jid, affiliation string) {
	if x := presence.Child(nsMUCUser, "x"); x != nil {
		if item := x.Child(nsMUCUser, "item"); item != nil {
			return item.Attr("jid"), item.Attr("affiliation")
		}
	}
	return "", ""
}

// Role returns the role of an occupant: moderator, participant, visitor, or "".
func Role(presence *Element) string {
	if x := presence.Child(nsMUCUser, "x"); x != nil {
		if item := x.Child(nsMUCUser, "item"); item != nil {
			return item.Attr("role")
		}
	}
	return ""
}

// MakeOwner gives somebody the highest affiliation with a room, as an owner may.
func (s *Session) MakeOwner(ctx context.Context, room, jid string) error {
	item := New(nsMUCAdmin, "item", "affiliation", "owner", "jid", jid)
	_, err := s.Query(ctx, "set", room, New(nsMUCAdmin, "query").With(item))
	return err
}

// UnlockRoom accepts the default configuration of a room that we made; until then nobody else may enter it.
func (s *Session) UnlockRoom(room string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	form := New(nsForms, "x", "type", "submit")
	_, err := s.Query(ctx, "set", room, New(nsMUCOwner, "query").With(form))
	return err
}
