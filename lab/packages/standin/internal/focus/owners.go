package focus

import (
	"context"
	"slices"
	"time"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

// member is an occupant of a conference.
type member struct {
	jid     string // real address, which a room tells its owners
	isOwner bool
	role    string
	// says by its presence what its client can, as a page does and a mere listener does not
	hasCaps   bool
	isInvited bool
}

func memberOf(presence *xmpp.Element) member {
	jid, affiliation := xmpp.Occupant(presence)
	return member{
		jid: jid, isOwner: affiliation == "owner", role: xmpp.Role(presence),
		hasCaps: presence.Child(nsCaps, "c") != nil,
	}
}

// owners are the members that the focus makes owners now: with authentication everybody who is logged in, without it the first
// to come while nobody is one, or nobody at all (conference.enable-auto-owner). Members are in the order of their coming.
func (f *Focus) owners(members []member) []string {
	var chosen []string
	for _, m := range members {
		switch {
		case f.logins.enabled:
			if !m.isOwner && f.logins.holds(m.jid) {
				chosen = append(chosen, m.jid)
			}
		case !f.autoOwner || m.isOwner:
			return nil
		case slices.Contains(f.trustedDomains, host(m.jid)): // a recorder moderates nothing
		case chosen == nil:
			chosen = []string{m.jid}
		}
	}
	return chosen
}

// grant makes members owners of a room.
func (f *Focus) grant(session *xmpp.Session, room string, jids []string) {
	for _, jid := range jids {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		err := session.MakeOwner(ctx, room, xmpp.Bare(jid))
		cancel()
		if err != nil {
			f.log.Error("[room=%s] Cannot make %s an owner: %v", room, jid, err)
		} else {
			f.log.Info("[room=%s] Granted ownership to %s", room, jid)
		}
	}
}
