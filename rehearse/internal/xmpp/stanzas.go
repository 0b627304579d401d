package xmpp

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
	"sort"
	"strings"
)

// Request is an IQ that somebody else sent.
type Request struct {
	From  string `xml:"from,attr"`
	ID    string `xml:"id,attr"`
	Type  string `xml:"type,attr"`
	Query *struct {
		Node string `xml:"node,attr"`
	} `xml:"http://jabber.org/protocol/disco#info query"`
	Jingle *struct {
		Action  string `xml:"action,attr"`
		Session string `xml:"sid,attr"`
	} `xml:"urn:xmpp:jingle:1 jingle"`
}

// RequestIn reads an IQ; ok is false where the stanza is none.
func RequestIn(stanza []byte) (request Request, ok bool) {
	if err := xml.Unmarshal(stanza, &request); err != nil {
		return Request{}, false
	}
	return request, request.Type == "get" || request.Type == "set"
}

// What a browser with Jitsi's page can do, as far as jicofo asks for it (lib-jitsi-meet, modules/xmpp/xmpp.ts), without video.
var features = []string{
	"http://jitsi.org/json-encoded-sources",
	"http://jitsi.org/receive-multiple-video-streams",
	"http://jitsi.org/source-name",
	"http://jitsi.org/ssrc-rewriting-1",
	"http://jitsi.org/tcc",
	"urn:ietf:rfc:5761",
	"urn:ietf:rfc:5888",
	"urn:xmpp:jingle:1",
	"urn:xmpp:jingle:apps:dtls:0",
	"urn:xmpp:jingle:apps:rtp:1",
	"urn:xmpp:jingle:apps:rtp:audio",
	"urn:xmpp:jingle:transports:dtls-sctp:1",
	"urn:xmpp:jingle:transports:ice-udp:1",
}

const (
	identity   = "client/web//Audio Meet rehearsal"
	clientNode = "https://jitsi.org/jitsi-meet"
)

// version is the hash of what a client can do (XEP-0115 §5.1): jicofo asks one of a crowd and knows it of all.
func version() string {
	sorted := append([]string(nil), features...)
	sort.Strings(sorted)
	sum := sha1.Sum([]byte(identity + "<" + strings.Join(sorted, "<") + "<"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Abilities answers what the client can do.
func Abilities(asked Request) string {
	var query strings.Builder
	node := ""
	if asked.Query.Node != "" {
		node = fmt.Sprintf(" node='%s'", html.EscapeString(asked.Query.Node))
	}
	fmt.Fprintf(&query, "<query xmlns='http://jabber.org/protocol/disco#info'%s>", node)
	query.WriteString("<identity category='client' type='web' name='Audio Meet rehearsal'/>")
	for _, feature := range features {
		fmt.Fprintf(&query, "<feature var='%s'/>", feature)
	}
	query.WriteString("</query>")
	return Result(asked, query.String())
}

// Result answers a request.
func Result(asked Request, inside string) string {
	return fmt.Sprintf("<iq xmlns='jabber:client' type='result' id='%s' to='%s'>%s</iq>", html.EscapeString(asked.ID), html.EscapeString(asked.From), inside)
}

// Presence is what a participant says of himself in a room.
type Presence struct {
	Room, Nickname, Region string
	Muted                  bool
	// Join asks to enter: once, for in a later one it makes the room tell everything again.
	Join bool
}

// String is the stanza, as Jitsi's page writes it.
func (p Presence) String() string {
	join, region := "", ""
	if p.Join {
		join = "<x xmlns='http://jabber.org/protocol/muc'/>"
	}
	if p.Region != "" {
		region = fmt.Sprintf("<jitsi_participant_region>%[1]s</jitsi_participant_region><region xmlns='http://jitsi.org/jitsi-meet' id='%[1]s'/>", html.EscapeString(p.Region))
	}
	source := html.EscapeString(fmt.Sprintf(`{"%s-a0":{"muted":%t}}`, p.Nickname, p.Muted))
	return strings.Join([]string{
		fmt.Sprintf("<presence xmlns='jabber:client' to='%s/%s'>", html.EscapeString(p.Room), p.Nickname),
		join,
		fmt.Sprintf("<stats-id>Rehearsal-%s</stats-id>", p.Nickname),
		fmt.Sprintf("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='%s' ver='%s'/>", clientNode, version()),
		fmt.Sprintf("<nick xmlns='http://jabber.org/protocol/nick'>Rehearsal %s</nick>", p.Nickname),
		region,
		fmt.Sprintf("<audiomuted xmlns='http://jitsi.org/jitmeet/audio'>%t</audiomuted>", p.Muted),
		"<videomuted xmlns='http://jitsi.org/jitmeet/video'>true</videomuted>",
		fmt.Sprintf("<SourceInfo>%s</SourceInfo>", source),
		"</presence>",
	}, "")
}

// refusal is the error in an answer.
func refusal(stanza []byte) error {
	var answer struct {
		Type  string `xml:"type,attr"`
		Error struct {
			Text   string `xml:"text"`
			Inside string `xml:",innerxml"`
		} `xml:"error"`
	}
	if err := xml.Unmarshal(stanza, &answer); err != nil {
		return err
	}
	if answer.Type != "error" {
		return nil
	}
	if answer.Error.Text != "" {
		return fmt.Errorf("refused: %s", answer.Error.Text)
	}
	return fmt.Errorf("refused: %.200s", answer.Error.Inside)
}
