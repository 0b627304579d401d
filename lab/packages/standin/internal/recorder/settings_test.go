package recorder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"audio-meet/lab/packages/standin/internal/hocon"
)

const environmentText = `{
  name = "prod", xmpp-server-hosts = [ "10.0.0.1", "10.0.0.2:5333" ], xmpp-domain = "meet.test"
  control-login { domain = "auth.meet.test", username = jibri, password = a }
  control-muc { domain = "internal.auth.meet.test", room-name = "JibriBrewery", nickname = "rec-1" }
  call-login { domain = "recorder.meet.test", username = recorder, password = b }
  strip-from-room-domain = "conference.", usage-timeout = 4 hours, trust-all-xmpp-certs = false
}`

func load(t *testing.T, text string) (settings, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "jibri.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	merged, _, err := hocon.LoadAbove(Reference, file)
	if err != nil {
		t.Fatal(err)
	}
	return readSettings(merged)
}

func TestSettings(t *testing.T) {
	s, err := load(t, "jibri { api.xmpp.environments = [ "+environmentText+" ]\n ffmpeg.framerate = 5 }")
	if err != nil {
		t.Fatal(err)
	}
	e := s.environments[0]
	if e.brewery != "jibribrewery@internal.auth.meet.test" || e.usageTimeout != 4*time.Hour || e.baseURL != "https://meet.test" {
		t.Errorf("environment %+v", e)
	}
	if e.servers[0].port != 5222 || e.servers[1].host != "10.0.0.2" || e.servers[1].port != 5333 {
		t.Errorf("servers %+v", e.servers)
	}
	command := strings.Join(s.command, " ")
	if !strings.Contains(command, "-r 5 ") || !strings.HasSuffix(command, "-f mp4") || s.extension != "mp4" {
		t.Errorf("command %s", command)
	}
	if s.externalPort != 2222 || s.internalHost != "127.0.0.1" || s.mutedTimeout != 10*time.Minute {
		t.Errorf("defaults %+v", s)
	}
}

func TestACommandOfItsOwn(t *testing.T) {
	s, err := load(t, "jibri { api.xmpp.environments = [ "+environmentText+` ]
		ffmpeg { recording-extension = m4a, command-linux-recording = [ "ffmpeg", "-i", "x" ] } }`)
	if err != nil || strings.Join(s.command, " ") != "ffmpeg -i x" || s.extension != "m4a" {
		t.Errorf("got %v %q %s", err, s.command, s.extension)
	}
}

func TestWhatJibriDoesNotStartWithout(t *testing.T) {
	for _, key := range []string{"trust-all-xmpp-certs = false", "password = b", `nickname = "rec-1"`} {
		text := strings.Replace(environmentText, key, "", 1)
		if _, err := load(t, "jibri.api.xmpp.environments = [ "+text+" ]"); err == nil || !strings.Contains(err.Error(), "is missing") {
			t.Errorf("without %s: %v", key, err)
		}
	}
	trusting := strings.Replace(environmentText, "certs = false", "certs = true", 1)
	if _, err := load(t, "jibri.api.xmpp.environments = [ "+trusting+" ]"); err == nil {
		t.Error("trusts every certificate")
	}
	if _, err := load(t, "jibri { }"); err == nil {
		t.Error("starts without an environment")
	}
}

func TestCallURL(t *testing.T) {
	e := environment{domain: "meet.test", baseURL: "https://meet.test", strip: "conference."}
	for room, want := range map[string]string{
		"hall@conference.meet.test":      "https://meet.test/hall",
		"hall@conference.acme.meet.test": "https://meet.test/acme/hall",
	} {
		if got, name, err := e.callURL(room); err != nil || got != want || name != "hall" {
			t.Errorf("%s: %s %s %v", room, got, name, err)
		}
	}
	if _, _, err := e.callURL("hall@conference.other.test"); err == nil {
		t.Error("a room of another domain")
	}
}
