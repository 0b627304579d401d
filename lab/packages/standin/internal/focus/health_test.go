package focus

import (
	"context"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// silentFocus is one without any connection.
func silentFocus(s settings) *Focus {
	log := &startup.Log{Program: "Jicofo"}
	f := &Focus{settings: s, log: log, bridges: &selector{settings: s, log: log, bridges: map[string]*bridge{}}}
	f.client = &xmpp.Connection{}
	f.service = f.client
	return f
}

// printed is what a function writes to standard output.
func printed(t *testing.T, act func()) string {
	t.Helper()
	kept := os.Stdout
	defer func() { os.Stdout = kept }()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = writer
	act()
	_ = writer.Close()
	buffer := make([]byte, 65536)
	n, _ := reader.Read(buffer)
	return string(buffer[:n])
}

func healthOf(f *Focus) (int, string) {
	answer := httptest.NewRecorder()
	f.getHealth(answer, nil)
	return answer.Code, answer.Body.String()
}

func TestAJicofoWithoutBridgesComplainsAtEachCheckAndIsHealthyBeforeTheFirst(t *testing.T) {
	f := silentFocus(settings{health: true, healthInterval: 20 * time.Millisecond, healthTimeout: time.Minute})
	f.own.put(verdictOfHealth{})
	if code, _ := healthOf(f); code != 200 {
		t.Errorf("before the first check: %d", code)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 70*time.Millisecond)
	defer cancel()
	text := printed(t, func() { f.checkOwnHealth(ctx) })
	line := regexp.MustCompile(`(?m)^Jicofo \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} SEVERE: \[\d+\] HealthChecker\.run#\d+: ` +
		`Health check failed in PT0\.\d{6}S: Result\(success=false, hardFailure=true, responseCode=null, sticky=false, ` +
		`message=No operational bridges available \(total bridge count: 0\)\)$`)
	if n := len(line.FindAllString(text, -1)); n < 2 {
		t.Errorf("%d lines in %q", n, text)
	}
	if code, body := healthOf(f); code != 500 || body != "No operational bridges available (total bridge count: 0)\n" {
		t.Errorf("got %d %q", code, body)
	}
}

func TestHealthWithoutTheClientConnectionIsSoftAndAnOldOneIsNone(t *testing.T) {
	f := silentFocus(settings{healthTimeout: time.Minute})
	f.bridges.update("b/1", presence.Stats{"drain": "true"}, nil)
	f.own.put(f.examine())
	if code, _ := healthOf(f); code != 503 {
		t.Errorf("got %d", code)
	}
	f.own.at = time.Now().Add(-2 * time.Minute)
	if code, _ := healthOf(f); code != 500 {
		t.Errorf("an old verdict: %d", code)
	}
}

func TestWhoHasNoBridgeWaitsForTheNextOne(t *testing.T) {
	f := silentFocus(settings{})
	f.silence(presence.Endpoints{"a": 3})
	f.silence(presence.Endpoints{"a": 1, "b": 2})
	if got := f.silent.take(); got["a"] != 4 || got["b"] != 2 || f.cut.Load() != 6 {
		t.Errorf("waiting %v, cut %d", got, f.cut.Load())
	}
	f.silence(presence.Endpoints{"a": 3})
	f.bridges.update("b/1", presence.Stats{"drain": "false"}, nil)
	f.bridgeAppeared("b/1") // it cannot be told: the connection is down
	if got := f.silent.take(); got["a"] != 3 {
		t.Errorf("nobody is forgotten: %v", got)
	}
}
