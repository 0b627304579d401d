package focus

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

const (
	nsCaps   = "http://jabber.org/protocol/caps"
	nsDisco  = "http://jabber.org/protocol/disco#info"
	nsJingle = "urn:xmpp:jingle:1"
	nsRTP    = "urn:xmpp:jingle:apps:rtp:1"
	nsICE    = "urn:xmpp:jingle:transports:ice-udp:1"
	// minParticipants is jicofo's conference.min-participants: nobody is invited alone.
	minParticipants = 2
	// smallRoom is where the stand-in invites by Jingle. People of a crowd are only counted, as endpoints of a bridge.
	smallRoom = 8
)

// inviteAll invites everybody in a small room who says what his client can, once there are two.
func (f *Focus) inviteAll(session *xmpp.Session, name string) {
	for _, nick := range f.rooms.uninvited(name) {
		go f.inviteByJingle(session, name, nick)
	}
}

// inviteByJingle asks who it is, has the bridge that the selector picks expect one more, and offers a session.
func (f *Focus) inviteByJingle(session *xmpp.Session, name, nick string) {
	ctx, cancel := context.WithTimeout(context.Background(), f.settings.client.replyTimeout)
	defer cancel()
	jid := name + "/" + nick
	if _, err := session.Query(ctx, "get", jid, xmpp.New(nsDisco, "query")); err != nil {
		f.log.Warn("Failed to discover features for %s: %v, assuming default features", jid, err)
	}
	target, found := f.bridges.pick("")
	if !found || f.invitesNobody.Load() {
		f.log.Error("[room=%s] Can not invite participant, no bridge available.", name)
		return
	}
	service := f.breweryConnection().Session()
	if service == nil {
		return
	}
	answer, err := service.Query(ctx, "set", target.jid, xmpp.New(presence.NS, "opening", "meeting", name))
	if err != nil || answer.Child(presence.NS, "opening") == nil {
		f.log.Error("[room=%s] Failed to allocate colibri channels: %v", name, err)
		return
	}
	opening := answer.Child(presence.NS, "opening")
	candidate := xmpp.New(nsICE, "candidate", "id", "1", "component", "1", "foundation", "1", "generation", "0",
		"network", "0", "protocol", "udp", "type", "host", "priority", "2130706431",
		"ip", opening.Attr("ip"), "port", opening.Attr("port"))
	transport := xmpp.New(nsICE, "transport", "ufrag", opening.Attr("ufrag"), "pwd", opening.Attr("pwd")).With(candidate)
	content := xmpp.New(nsJingle, "content", "creator", "initiator", "name", "audio", "senders", "both").
		With(xmpp.New(nsRTP, "description", "media", "audio"), transport)
	offer := xmpp.New(nsJingle, "jingle", "action", "session-initiate", "initiator", f.jid(), "sid", sessionID()).With(content)
	if _, err := session.Query(ctx, "set", jid, offer); err != nil {
		f.log.Warn("[room=%s] %s does not take the session: %v", name, nick, err)
		return
	}
	f.log.Info("[room=%s] Invited %s to %s", name, nick, target.jid)
}

func sessionID() string {
	bytes := make([]byte, 8)
	_, _ = rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

// uninvited are the occupants of a small room who are to be invited now; each is named once.
func (r *rooms) uninvited(name string) []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	conference := r.open[name]
	if conference == nil || !conference.isJoined ||
		len(conference.occupants) < minParticipants || len(conference.occupants) > smallRoom {
		return nil
	}
	var chosen []string
	for _, nick := range conference.order {
		if occupant := conference.occupants[nick]; occupant.hasCaps && !occupant.isInvited {
			occupant.isInvited = true
			conference.occupants[nick] = occupant
			chosen = append(chosen, nick)
		}
	}
	return chosen
}
