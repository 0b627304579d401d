package focus

import (
	"strconv"
	"strings"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

const nsFocus = "http://jitsi.org/protocol/focus"

// answer is the focus's reply to a query of a client, which comes through the client proxy, or of the server.
func (f *Focus) answer(query *xmpp.Element) xmpp.Element {
	if query.Child("urn:xmpp:ping", "ping") != nil {
		return xmpp.Answer(query)
	}
	request := query.Child(nsFocus, "conference")
	if request == nil || query.Attr("type") != "set" {
		return xmpp.Refuse(query, "cancel", "feature-not-implemented", "not simulated by the stand-in")
	}
	room := request.Attr("room")
	if !isRoom(room) {
		return xmpp.Refuse(query, "modify", "bad-request", "No 'room' specified.")
	}
	f.log.Info("Conference request for room %s, from %s", room, f.requester(query.Attr("from")))
	ready := f.rooms.request(room)
	answer := xmpp.New(nsFocus, "conference", "room", room, "ready", strconv.FormatBool(ready), "focusjid", f.jid())
	for name, value := range f.properties() {
		answer = answer.With(xmpp.New("", "property", "name", name, "value", value))
	}
	return xmpp.Answer(query, answer)
}

func isRoom(jid string) bool {
	local, domain, ok := strings.Cut(jid, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(jid, "/ ")
}

// jid is the address that clients know the focus by in rooms.
func (f *Focus) jid() string { return f.settings.client.user + "@" + f.settings.client.domain }

// requester is who really asks: the client proxy puts the client's address into the resource of its own.
func (f *Focus) requester(from string) string {
	if f.clientProxy != "" && xmpp.Bare(from) == f.clientProxy && xmpp.Resource(from) != "" {
		return xmpp.Resource(from)
	}
	return from
}

func (f *Focus) properties() map[string]string {
	return map[string]string{
		"authentication":     strconv.FormatBool(f.authentication),
		"visitors-supported": "false",
		"standin":            "true",
	}
}
