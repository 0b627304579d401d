package crowd

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	framing = "urn:ietf:params:xml:ns:xmpp-framing"
	smacks  = "urn:xmpp:sm:3"

	auth   = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
	bind   = "<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
	enable = "<enable xmlns='" + smacks + "' resume='true'/>"
	leave  = "<close xmlns='" + framing + "'/>"
)

// own marks the presence in which a room tells somebody about himself (XEP-0045 §7.2.2).
var own = []byte("code='110'")

// focus is jicofo among the occupants; it says something whenever it likes.
var focus = []byte("/focus'")

func openStream(domain string) string {
	return fmt.Sprintf("<open xmlns='%s' to='%s' version='1.0'/>", framing, domain)
}

// question asks jicofo, through the client proxy, to be in the room.
func question(domain, room, id string) string {
	asked := fmt.Sprintf("<conference xmlns='http://jitsi.org/protocol/focus' room='%s'/>", room)
	return fmt.Sprintf("<iq xmlns='jabber:client' type='set' id='%s' to='focus.%s'>%s</iq>", id, domain, asked)
}

// presence is what a browser with Jitsi's page says about itself, with one audio source; with what the room adds about 1.5 kB
// arrive. `turn` counts the changes, and the moment goes along. Only the first one asks to join: in a later one that makes the room
// tell everything again.
func presence(room, nickname string, turn int, said time.Time) string {
	join := ""
	if turn == 0 {
		join = "<x xmlns='http://jabber.org/protocol/muc'/>"
	}
	source := fmt.Sprintf(`{&quot;%s-a0&quot;:{&quot;muted&quot;:%t}}`, nickname, turn%2 == 0)
	parts := []string{
		fmt.Sprintf("<presence xmlns='jabber:client' to='%s/%s'>", room, nickname),
		join,
		fmt.Sprintf("<stats-id>Participant-%s</stats-id>", nickname),
		"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://jitsi.org/jitsi-meet' ver='4PRVDQyZ9J2yOEFqmH+CiEpWSfU='/>",
		fmt.Sprintf("<avatar-id>%s5f1d7a80c2b34e6f9a1b</avatar-id>", nickname),
		fmt.Sprintf("<nick xmlns='http://jabber.org/protocol/nick'>Participant number %s</nick>", nickname),
		"<jitsi_participant_codecType>vp8</jitsi_participant_codecType>",
		"<jitsi_participant_codecList>vp8</jitsi_participant_codecList>",
		"<jitsi_participant_region>local</jitsi_participant_region>",
		"<jitsi_participant_e2ee.idKeySupported>true</jitsi_participant_e2ee.idKeySupported>",
		fmt.Sprintf("<audiomuted xmlns='http://jitsi.org/jitmeet/audio'>%t</audiomuted>", turn%2 == 0),
		"<videomuted xmlns='http://jitsi.org/jitmeet/video'>true</videomuted>",
		fmt.Sprintf("<SourceInfo>%s</SourceInfo>", source),
		"<region xmlns='http://jitsi.org/jitsi-meet' id='local'/>",
		"<features><feature var='https://jitsi.org/meet/e2ee'/><feature var='urn:xmpp:jingle:apps:dtls:0'/>" +
			"<feature var='urn:xmpp:jingle:transports:ice-udp:1'/><feature var='urn:xmpp:jingle:apps:rtp:audio'/></features>",
		fmt.Sprintf("<presence-turn>%d</presence-turn>", said.UnixNano()),
		"</presence>",
	}
	return strings.Join(parts, "")
}

// answer is the result of a query, empty where the stanza is not one. Only the start tag is looked at.
func answer(stanza []byte) string {
	end := bytes.IndexByte(stanza, '>')
	if end < 0 {
		return ""
	}
	tag := stanza[:end]
	kind, id, from := attribute(tag, "type"), attribute(tag, "id"), attribute(tag, "from")
	if kind != "get" && kind != "set" {
		return ""
	}
	to := ""
	if from != "" {
		to = fmt.Sprintf(" to='%s'", from)
	}
	return fmt.Sprintf("<iq xmlns='jabber:client' type='result' id='%s'%s/>", id, to)
}

// attribute is the value of an attribute in a start tag as Prosody writes it: in single quotes, escaped. It goes back as it is.
func attribute(tag []byte, name string) string {
	_, rest, found := bytes.Cut(tag, []byte(" "+name+"='"))
	if !found {
		return ""
	}
	value, _, _ := bytes.Cut(rest, []byte("'"))
	return string(value)
}

// saidAt is the moment that goes along with a presence; zero where there is none.
func saidAt(stanza []byte) time.Time {
	_, rest, _ := bytes.Cut(stanza, []byte("<presence-turn>"))
	digits, _, _ := bytes.Cut(rest, []byte("<"))
	nanoseconds, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}
