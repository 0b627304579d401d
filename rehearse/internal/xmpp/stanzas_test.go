package xmpp

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/pion/stun/v4"
)

const offered = `<iq type='result' id='q1' xmlns='jabber:client'><services xmlns='urn:xmpp:extdisco:2'>
<service type='turn' host='turn.example.org' port='3478' transport='udp' username='u' password='p'/>
<service type='turns' host='turn.example.org' port='443' transport='tcp' username='u' password='p'/>
<service type='stun' host='turn.example.org' port='3478' transport='udp'/></services></iq>`

func TestRelaysByTheirWay(t *testing.T) {
	all, err := relaysIn([]byte(offered), "")
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	tls, err := relaysIn([]byte(offered), "tls")
	if err != nil || len(tls) != 1 {
		t.Fatalf("%v, %v", tls, err)
	}
	got := *tls[0]
	if got.Scheme != stun.SchemeTypeTURNS || got.Proto != stun.ProtoTypeTCP || got.Port != 443 || got.Username != "u" || got.Password != "p" {
		t.Errorf("%+v", got)
	}
}

func TestAQuestionForAbilitiesIsAnsweredWithWhatTheVersionIsAHashOf(t *testing.T) {
	asked, ok := RequestIn([]byte(`<iq type='get' id='1' from='room@c/focus' xmlns='jabber:client'><query xmlns='http://jabber.org/protocol/disco#info' node='n#v'/></iq>`))
	if !ok || asked.Query == nil {
		t.Fatalf("%+v %t", asked, ok)
	}
	answer := Abilities(asked)
	for _, feature := range features {
		if !strings.Contains(answer, "var='"+feature+"'") {
			t.Errorf("%s is missing", feature)
		}
	}
	if strings.Contains(answer, "rtp:video") {
		t.Error("a participant of a rehearsal takes video")
	}
	if !strings.Contains(answer, "node='n#v'") || xml.Unmarshal([]byte(answer), new(struct{})) != nil {
		t.Error(answer)
	}
}

func TestAPresenceIsOneStanzaWithTheOwnSource(t *testing.T) {
	text := Presence{Room: "hall@conference.d", Nickname: "1a2b3c4d", Region: "eu<", Muted: true, Join: true}.String()
	var read struct {
		To     string    `xml:"to,attr"`
		Source string    `xml:"SourceInfo"`
		Region string    `xml:"jitsi_participant_region"`
		Join   *struct{} `xml:"http://jabber.org/protocol/muc x"`
	}
	if err := xml.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	if read.To != "hall@conference.d/1a2b3c4d" || read.Source != `{"1a2b3c4d-a0":{"muted":true}}` || read.Region != "eu<" || read.Join == nil {
		t.Errorf("%+v", read)
	}
}

func TestARefusalSaysWhy(t *testing.T) {
	err := refusal([]byte(`<iq type='error' xmlns='jabber:client'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>too many rooms</text></error></iq>`))
	if err == nil || err.Error() != "refused: too many rooms" {
		t.Error(err)
	}
	if err := refusal([]byte(`<iq type='result' xmlns='jabber:client'/>`)); err != nil {
		t.Error(err)
	}
}
