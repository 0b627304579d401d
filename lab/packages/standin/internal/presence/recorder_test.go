package presence

import (
	"encoding/xml"
	"strings"
	"testing"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

func TestARecorderAnnouncesItselfAsJibriDoes(t *testing.T) {
	text := Recorder{IsHealthy: true}.Element().String()
	for _, wanted := range []string{
		"<jibri-status xmlns='http://jitsi.org/protocol/jibri'>", "<busy-status status='idle'>",
		"<health-status xmlns='http://jitsi.org/protocol/health' status='healthy'>",
	} {
		if !strings.Contains(text, wanted) {
			t.Errorf("%s is not in %s", wanted, text)
		}
	}
}

func TestReadRecorder(t *testing.T) {
	for _, want := range []Recorder{{}, {IsBusy: true, IsHealthy: true}, {IsHealthy: true}} {
		stanza := xmpp.New("", "presence").With(want.Element())
		read := &xmpp.Element{}
		if err := xml.Unmarshal([]byte(stanza.String()), read); err != nil {
			t.Fatal(err)
		}
		if got, ok := ReadRecorder(read); !ok || got != want {
			t.Errorf("got %+v, wanted %+v", got, want)
		}
	}
	if _, ok := ReadRecorder(&xmpp.Element{}); ok {
		t.Error("found a recorder in nothing")
	}
}
