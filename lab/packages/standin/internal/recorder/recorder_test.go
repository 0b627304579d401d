package recorder

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// idleRecorder takes orders for a deployment that is not there.
func idleRecorder(t *testing.T) (*Recorder, *control) {
	t.Helper()
	s, err := load(t, "jibri.api.xmpp.environments = [ "+strings.Replace(environmentText, "meet.test", "meet.invalid", 1)+" ]")
	if err != nil {
		t.Fatal(err)
	}
	s.recordings, s.environments[0].domain = t.TempDir(), "meet.test"
	r := newRecorder(s, &startup.Log{Program: "test"}, io.Discard)
	return r, newControl(r, &r.environments[0], s.environments[0].servers[0], nil)
}

func healthOf(t *testing.T, r *Recorder) (text, busy string) {
	t.Helper()
	answer := httptest.NewRecorder()
	r.externalRoutes().ServeHTTP(answer, httptest.NewRequest("GET", "/jibri/api/v1.0/health", nil))
	var body struct {
		Status struct{ BusyStatus string }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	return answer.Body.String(), body.Status.BusyStatus
}

func order1(attributes ...string) *xmpp.Element {
	payload := xmpp.New(presence.NSJibri, "jibri", attributes...)
	query := xmpp.New("", "iq", "type", "set", "id", "1", "from", "b@c/focus").With(payload)
	return &query
}

func TestHealth(t *testing.T) {
	r, _ := idleRecorder(t)
	text, busy := healthOf(t, r)
	if busy != "IDLE" || !strings.Contains(text, `"healthStatus":"HEALTHY"`) || strings.Contains(text, "environmentContext") {
		t.Error(text)
	}
	r.unwell = "disk"
	if text, _ = healthOf(t, r); !strings.Contains(text, `"healthStatus":"UNHEALTHY"`) {
		t.Error(text)
	}
}

func TestOrdersThatAreRefused(t *testing.T) {
	r, c := idleRecorder(t)
	for name, one := range map[string]struct {
		query *xmpp.Element
		want  string
	}{
		"a stream":        {order1("action", "start", "recording_mode", "stream", "room", "hall@conference.meet.test"), "should_retry='false'"},
		"another domain":  {order1("action", "start", "recording_mode", "file", "room", "hall@conference.other.test"), "failure_reason='error'"},
		"no action":       {order1("room", "hall@conference.meet.test"), "<bad-request"},
		"nothing to stop": {order1("action", "stop"), "status='off'"},
	} {
		if got := c.answer(nil, one.query).String(); !strings.Contains(got, one.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if _, busy := healthOf(t, r); busy != "IDLE" {
		t.Error(busy)
	}
}

func TestOneOrderAtATime(t *testing.T) {
	r, _ := idleRecorder(t)
	told := make(chan outcome, 2)
	order := order{room: "hall@conference.meet.test", session: "1", tell: func(o outcome) { told <- o }}
	r.active = &session{}
	if err := r.start(&r.environments[0], "prod-x", order); err != errBusy {
		t.Errorf("got %v", err)
	}
	r.active = nil
	if err := r.start(&r.environments[0], "prod-x", order); err != nil {
		t.Fatal(err)
	}
	// The domain does not exist, so the call cannot be joined: the one who gave the order hears of it, and we are free again.
	select {
	case o := <-told:
		if !o.isFailure {
			t.Errorf("told %v", o)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody is told")
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, busy := healthOf(t, r); busy == "IDLE" {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(busy)
		}
	}
}

func TestWhatWaitsForTheEndComesBeforeTheWordThatTheRecorderIsFree(t *testing.T) {
	r, _ := idleRecorder(t)
	seen := make(chan string, 1)
	order := order{room: "hall@conference.meet.test", session: "1", tell: func(outcome) {}}
	if err := r.start(&r.environments[0], "prod-x", order); err != nil {
		t.Fatal(err)
	}
	r.onceIdle(func() {
		_, busy := healthOf(t, r)
		seen <- busy
	})
	select {
	case busy := <-seen:
		if busy != "BUSY" {
			t.Errorf("says that it is %s, so that jicofo may choose a recorder that is about to leave", busy)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the end of the recording is not noticed")
	}
}

func TestOccupants(t *testing.T) {
	info := xmpp.New("", "SourceInfo")
	info.Text = `{"ab-a0":{"muted":false},"ab-v0":{"muted":true}}`
	item := func(jid string) xmpp.Element {
		return xmpp.New("http://jabber.org/protocol/muc#user", "x").With(xmpp.New("http://jabber.org/protocol/muc#user", "item", "jid", jid))
	}
	speaking := xmpp.New("", "presence").With(item("a@meet.test/1"), info)
	if got := readOccupant(&speaking, "recorder.meet.test"); got.isHidden || got.isMuted {
		t.Errorf("speaking: %+v", got)
	}
	recorder := xmpp.New("", "presence").With(item("recorder@recorder.meet.test/1"))
	if got := readOccupant(&recorder, "recorder.meet.test"); !got.isHidden || !got.isMuted {
		t.Errorf("recorder: %+v", got)
	}
}
