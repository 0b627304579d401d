package jingle

import (
	"encoding/xml"
	"strings"
	"testing"
)

// As jicofo writes it and Prosody hands it on, shortened.
const invitation = `<iq type='set' id='JJL5X-17' to='abc@meet.example.org/x' from='hall@conference.meet.example.org/focus' xmlns='jabber:client'>
<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' initiator='hall@conference.meet.example.org/focus' sid='5n1k'>
<group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'><content name='audio'/><content name='data'/></group>
<content name='audio' creator='initiator' senders='both'>
<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'><payload-type id='111' name='opus' clockrate='48000' channels='2'/>
<rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='1' uri='urn:ietf:params:rtp-hdrext:ssrc-audio-level'/>
<rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='5' uri='http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'/></description>
<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='4b2q' pwd='secret'><rtcp-mux/>
<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass' required='false'>AB:CD</fingerprint>
<candidate foundation='1' component='1' protocol='udp' priority='2130706431' ip='198.51.100.7' port='10000' type='host' generation='0' network='0' id='a'/>
</transport></content>
<content name='data' creator='initiator' senders='both'><description xmlns='http://jitsi.org/jitmeet/datachannel'/>
<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='4b2q' pwd='secret'><sctpmap xmlns='urn:xmpp:jingle:transports:dtls-sctp:1' number='5000'/></transport></content>
<bridge-session xmlns='http://jitsi.org/protocol/focus' id='77' region='eu'/></jingle></iq>`

func TestAnInvitationNamesTheBridge(t *testing.T) {
	offer, err := OfferIn([]byte(invitation))
	if err != nil {
		t.Fatal(err)
	}
	if offer.Session != "5n1k" || offer.Region != "eu" || offer.AudioLevel != 1 || !offer.HasData {
		t.Errorf("%+v", offer)
	}
	transport := offer.Transport
	if transport.Ufrag != "4b2q" || transport.Fingerprint != (Fingerprint{"sha-256", "AB:CD"}) || len(transport.Candidates) != 1 {
		t.Fatalf("%+v", transport)
	}
	if got := transport.Candidates[0]; got.IP != "198.51.100.7" || got.Port != 10000 || got.Priority != 2130706431 {
		t.Errorf("%+v", got)
	}
}

func TestABridgeWithoutAnAddressIsSaid(t *testing.T) {
	without := invitation[:strings.Index(invitation, "<candidate")] + invitation[strings.Index(invitation, "</transport></content>\n<content"):]
	if _, err := OfferIn([]byte(without)); err == nil || !strings.Contains(err.Error(), "names no bridge") {
		t.Error(err)
	}
}

func TestTheAnswerHasOneSourceUnderTheOwnName(t *testing.T) {
	offer, _ := OfferIn([]byte(invitation))
	text := offer.Accept(Answer{Nickname: "1a2b3c4d", Responder: "hall@conference.meet.example.org/1a2b3c4d", SSRC: 4711, Transport: Transport{
		Ufrag: "u", Password: "p", Fingerprint: Fingerprint{"sha-256", "EF:01"},
		Candidates: []Candidate{{Foundation: "f", Component: 1, Protocol: "udp", Priority: 5, IP: "192.0.2.1", Port: 4000, Type: "relay"}},
	}})
	var read struct {
		Action   string `xml:"action,attr"`
		Session  string `xml:"sid,attr"`
		Contents []struct {
			Name    string `xml:"name,attr"`
			Sources []struct {
				SSRC string `xml:"ssrc,attr"`
				Name string `xml:"name,attr"`
			} `xml:"description>source"`
			Candidates []Candidate `xml:"transport>candidate"`
		} `xml:"content"`
	}
	if err := xml.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	if read.Action != "session-accept" || read.Session != "5n1k" || len(read.Contents) != 2 {
		t.Fatalf("%+v", read)
	}
	audio := read.Contents[0]
	if len(audio.Sources) != 1 || audio.Sources[0].SSRC != "4711" || audio.Sources[0].Name != "1a2b3c4d-a0" {
		t.Errorf("%+v", audio.Sources)
	}
	if len(audio.Candidates) != 1 || audio.Candidates[0].Type != "relay" || audio.Candidates[0].IP != "192.0.2.1" {
		t.Errorf("%+v", audio.Candidates)
	}
	if !strings.Contains(text, "setup='active'") {
		t.Error("the participant does not begin the handshake")
	}
}
