package focus

import (
	"strings"
	"testing"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

var free = presence.Recorder{IsHealthy: true}

func TestARecorderIsChosenWhenItIsFreeAndDidNotFail(t *testing.T) {
	d := newDetector(&startup.Log{Program: "test"})
	now := time.Now()
	d.now = func() time.Time { return now }
	d.update("b/busy", presence.Recorder{IsBusy: true, IsHealthy: true})
	d.update("b/sick", presence.Recorder{})
	if got := d.choose(); got != "" {
		t.Errorf("chose %s", got)
	}
	d.update("b/free", free)
	if got := d.choose(); got != "b/free" {
		t.Errorf("chose %q", got)
	}
	if got := d.choose(); got != "" {
		t.Errorf("chose %q again at once", got)
	}
	now = now.Add(time.Second)
	d.failed("b/free")
	if got := d.choose(); got != "" {
		t.Errorf("chose %q, which has failed", got)
	}
	d.update("b/free", free)
	if got := d.choose(); got != "b/free" {
		t.Errorf("does not believe that it is well again: %q", got)
	}
	if all, available := d.counts(); all != 3 || available != 1 {
		t.Errorf("counts %d and %d", all, available)
	}
	if !d.remove("b/free") || d.remove("b/free") {
		t.Error("removes what is not there")
	}
}

// hallFocus is in a conference with a moderator, a participant and no recorder.
func hallFocus() *Focus {
	log := &startup.Log{Program: "test"}
	f := &Focus{log: log, recorders: newDetector(log), client: &xmpp.Connection{}}
	f.rooms, f.recordings = newRooms(f), newRecordings(f)
	f.rooms.open[hall] = &room{occupants: map[string]member{"m": {role: "moderator"}, "p": {role: "participant"}}}
	return f
}

func asked(f *Focus, from string, attributes ...string) string {
	query := xmpp.New("", "iq", "type", "set", "id", "1", "from", from).With(xmpp.New(presence.NSJibri, "jibri", attributes...))
	return f.answer(&query).String()
}

func TestWhoMayRecord(t *testing.T) {
	start := []string{"action", "start", "recording_mode", "file"}
	for from, want := range map[string]string{
		hall + "/m":              "<service-unavailable",
		hall + "/p":              "<not-allowed",
		hall + "/stranger":       "<forbidden",
		"other@conference.d/m":   "<item-not-found",
		"brewery@internal/rec-1": "<item-not-found",
	} {
		if got := asked(hallFocus(), from, start...); !strings.Contains(got, want) {
			t.Errorf("%s: %s", from, got)
		}
	}
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	f := hallFocus()
	f.recorders.update("b/rec", presence.Recorder{IsBusy: true, IsHealthy: true})
	if got := asked(f, hall+"/m", "action", "start", "recording_mode", "file"); !strings.Contains(got, "<resource-constraint") {
		t.Errorf("all busy: %s", got)
	}
	if got := asked(f, hall+"/m", "action", "stop"); !strings.Contains(got, "<item-not-found") {
		t.Errorf("nothing to stop: %s", got)
	}
	if got := asked(f, hall+"/m", "action", "start", "recording_mode", "stream"); !strings.Contains(got, "<bad-request") {
		t.Errorf("a stream: %s", got)
	}
	f.recordings.byRoom[hall] = &recording{room: hall}
	if got := asked(f, hall+"/m", "action", "start", "recording_mode", "file"); !strings.Contains(got, "<unexpected-request") {
		t.Errorf("twice: %s", got)
	}
}

func TestARecordingEndsWithItsRecorder(t *testing.T) {
	f := hallFocus()
	one := &recording{room: hall, recorder: "b/rec", status: "on"}
	f.recordings.byRoom[hall] = one
	if f.recordings.active() != 1 {
		t.Error("not counted")
	}
	f.recordings.changed(one, "b/other", "off", "", false)
	if f.recordings.byRoom[hall] == nil {
		t.Error("ended by another recorder")
	}
	f.recordings.changed(one, "b/rec", "off", "error", true)
	if f.recordings.byRoom[hall] != nil || f.recordings.failures.Load() != 1 {
		t.Error("goes on without a recorder")
	}
}

func TestARecorderIsNobodysModerator(t *testing.T) {
	f := &Focus{logins: newLogins(authentication{}), settings: settings{autoOwner: true, trustedDomains: []string{"recorder.d"}}}
	if got := f.owners([]member{{jid: "recorder@recorder.d/1"}, {jid: guest}}); len(got) != 1 || got[0] != guest {
		t.Errorf("chose %v", got)
	}
}
