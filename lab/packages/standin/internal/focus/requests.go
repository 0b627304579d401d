package focus

import (
	"encoding/xml"
	"strconv"
	"strings"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

const nsFocus = "http://jitsi.org/protocol/focus"

// answer is the focus's reply to a query of a client, which comes through the client proxy, or of the server.
func (f *Focus) answer(query *xmpp.Element) xmpp.Element {
	if query.Child("urn:xmpp:ping", "ping") != nil {
		return xmpp.Answer(query)
	}
	if order := query.Child(presence.NSJibri, "jibri"); order != nil && query.Attr("type") == "set" {
		return f.recordings.answer(query, order)
	}
	request := query.Child(nsFocus, "conference")
	if request == nil || query.Attr("type") != "set" {
		return xmpp.Refuse(query, "cancel", "feature-not-implemented", "not simulated by the stand-in")
	}
	room := request.Attr("room")
	if !isRoom(room) {
		return xmpp.Refuse(query, "modify", "bad-request", "No 'room' specified.")
	}
	asker := f.requester(query.Attr("from"))
	f.log.Info("Conference request for room %s, from %s", room, asker)
	asked := question{room: room, jid: asker, session: request.Attr("session-id"), machine: request.Attr("machine-uid")}
	found := f.logins.judge(asked, f.rooms.exists(room))
	if found.condition != "" {
		return refusal(query, found)
	}
	ready := f.rooms.request(room)
	answer := xmpp.New(nsFocus, "conference", "room", room, "ready", strconv.FormatBool(ready))
	if vnode := f.visitors.redirect(room, request); vnode != "" {
		answer.Attrs = append(answer.Attrs, attribute("vnode", vnode), attribute("focusjid", f.visitors.jidAt(vnode)))
	} else {
		answer.Attrs = append(answer.Attrs, attribute("focusjid", f.jid()))
	}
	if found.login != nil {
		f.rooms.promote(room)
		answer.Attrs = append(answer.Attrs, attribute("session-id", found.login.id), attribute("identity", found.login.identity))
	}
	for name, value := range f.properties() {
		answer = answer.With(xmpp.New("", "property", "name", name, "value", value))
	}
	return xmpp.Answer(query, answer)
}

// refusal is the error for a verdict; a login that does not count has an element of its own in it.
func refusal(query *xmpp.Element, found verdict) xmpp.Element {
	kinds := map[string]string{"not-authorized": "auth", "not-acceptable": "modify"}
	answer := xmpp.Refuse(query, kinds[found.condition], found.condition, found.text)
	if found.text == "invalid session" {
		answer.Children[0] = answer.Children[0].With(xmpp.New(nsFocus, "session-invalid"))
	}
	return answer
}

func attribute(name, value string) xml.Attr {
	return xml.Attr{Name: xml.Name{Local: name}, Value: value}
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
	properties := map[string]string{
		"authentication":     strconv.FormatBool(f.logins.enabled),
		"visitors-supported": f.visitors.supported(),
		"standin":            "true",
	}
	if f.logins.enabled {
		properties["externalAuth"] = strconv.FormatBool(f.logins.external)
	}
	return properties
}
