// Package jingle reads jicofo's invitation to a bridge and writes the answer (XEP-0166, 0167, 0176, 0320, 0343).
package jingle

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"strings"
)

// Offer is what an invitation says of a bridge.
type Offer struct {
	Initiator string
	Session   string
	Region    string
	Bridge    string
	Transport Transport
	// AudioLevel is the number of the header extension that tells a bridge how loud a packet is; 0: none.
	AudioLevel uint8
	// HasData: the bridge takes a data channel.
	HasData bool
}

// Transport is one side's half of ICE and DTLS.
type Transport struct {
	Ufrag       string      `xml:"ufrag,attr"`
	Password    string      `xml:"pwd,attr"`
	Fingerprint Fingerprint `xml:"urn:xmpp:jingle:apps:dtls:0 fingerprint"`
	Candidates  []Candidate `xml:"candidate"`
}

// Fingerprint is that of a certificate, in hexadecimal with colons.
type Fingerprint struct {
	Hash  string `xml:"hash,attr"`
	Value string `xml:",chardata"`
}

// Candidate is an address that media can be sent to.
type Candidate struct {
	Foundation string `xml:"foundation,attr"`
	Component  int    `xml:"component,attr"`
	Protocol   string `xml:"protocol,attr"`
	Priority   uint32 `xml:"priority,attr"`
	IP         string `xml:"ip,attr"`
	Port       int    `xml:"port,attr"`
	Type       string `xml:"type,attr"`
}

type content struct {
	Name        string `xml:"name,attr"`
	Description struct {
		Media      string `xml:"media,attr"`
		Extensions []struct {
			ID  uint8  `xml:"id,attr"`
			URI string `xml:"uri,attr"`
		} `xml:"urn:xmpp:jingle:apps:rtp:rtp-hdrext:0 rtp-hdrext"`
	} `xml:"description"`
	Transport *Transport `xml:"urn:xmpp:jingle:transports:ice-udp:1 transport"`
}

var errNoTransport = errors.New("the invitation names no bridge: it has no transport with candidates")

// OfferIn reads a session-initiate.
func OfferIn(stanza []byte) (Offer, error) {
	var iq struct {
		Jingle struct {
			Initiator     string `xml:"initiator,attr"`
			Session       string `xml:"sid,attr"`
			BridgeSession struct {
				ID     string `xml:"id,attr"`
				Region string `xml:"region,attr"`
			} `xml:"http://jitsi.org/protocol/focus bridge-session"`
			Contents []content `xml:"content"`
		} `xml:"urn:xmpp:jingle:1 jingle"`
	}
	if err := xml.Unmarshal(stanza, &iq); err != nil {
		return Offer{}, fmt.Errorf("the invitation: %w", err)
	}
	j := iq.Jingle
	offer := Offer{Initiator: j.Initiator, Session: j.Session, Region: j.BridgeSession.Region, Bridge: j.BridgeSession.ID}
	for _, each := range j.Contents {
		offer.take(each)
	}
	if offer.Transport.Ufrag == "" || len(offer.Transport.Candidates) == 0 {
		return Offer{}, errNoTransport
	}
	offer.Transport.Fingerprint.Value = strings.TrimSpace(offer.Transport.Fingerprint.Value)
	return offer, nil
}

// take keeps what matters of one content. All contents share one transport; it stands in the first that has candidates.
func (o *Offer) take(each content) {
	if each.Name == "data" {
		o.HasData = true
	}
	for _, extension := range each.Description.Extensions {
		if each.Description.Media == "audio" && strings.HasSuffix(extension.URI, "ssrc-audio-level") {
			o.AudioLevel = extension.ID
		}
	}
	if each.Transport != nil && len(o.Transport.Candidates) == 0 && each.Transport.Ufrag != "" {
		o.Transport = *each.Transport
	}
}

// Answer is a participant's half.
type Answer struct {
	Nickname  string
	Responder string
	SSRC      uint32
	Transport Transport
}

// Accept is what to answer an invitation with: one audio source under the participant's own name, and the data channel.
func (o Offer) Accept(answer Answer) string {
	media := answer.Nickname + "-audio-0-1"
	source := fmt.Sprintf("<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='%d' name='%s-a0'><parameter name='msid' value='%s %s-1'/></source>",
		answer.SSRC, answer.Nickname, media, media)
	level := ""
	if o.AudioLevel != 0 {
		level = fmt.Sprintf("<rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='%d' uri='urn:ietf:params:rtp-hdrext:ssrc-audio-level'/>", o.AudioLevel)
	}
	audio := "<content creator='initiator' name='audio' senders='both'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>" +
		"<payload-type id='111' name='opus' clockrate='48000' channels='2'><parameter name='minptime' value='10'/><parameter name='useinbandfec' value='1'/></payload-type>" +
		level + source + "<rtcp-mux/></description>" + answer.Transport.xml(false) + "</content>"
	data, group := "", "<content name='audio'/>"
	if o.HasData {
		data = "<content creator='initiator' name='data' senders='both'><description xmlns='http://jitsi.org/jitmeet/datachannel'/>" + answer.Transport.xml(true) + "</content>"
		group += "<content name='data'/>"
	}
	return fmt.Sprintf("<jingle xmlns='urn:xmpp:jingle:1' action='session-accept' initiator='%s' responder='%s' sid='%s'>%s%s<group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'>%s</group></jingle>",
		html.EscapeString(o.Initiator), html.EscapeString(answer.Responder), html.EscapeString(o.Session), audio, data, group)
}

func (t Transport) xml(withData bool) string {
	var text strings.Builder
	fmt.Fprintf(&text, "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='%s' pwd='%s'><rtcp-mux/>", html.EscapeString(t.Ufrag), html.EscapeString(t.Password))
	fmt.Fprintf(&text, "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='%s' setup='active'>%s</fingerprint>", t.Fingerprint.Hash, t.Fingerprint.Value)
	if withData {
		text.WriteString("<sctpmap xmlns='urn:xmpp:jingle:transports:dtls-sctp:1' number='5000' protocol='webrtc-datachannel' streams='1024'/>")
	}
	for number, each := range t.Candidates {
		fmt.Fprintf(&text, "<candidate foundation='%s' component='%d' protocol='%s' priority='%d' ip='%s' port='%d' type='%s' generation='0' network='0' id='%d'/>",
			html.EscapeString(each.Foundation), each.Component, each.Protocol, each.Priority, each.IP, each.Port, each.Type, number)
	}
	text.WriteString("</transport>")
	return text.String()
}
