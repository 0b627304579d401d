package startup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"audio-meet/lab/packages/keys"
)

func start(t *testing.T, text string, known keys.List) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "daemon.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := prepare(&Log{Program: "test"}, "", SystemProperties("-Dx=y  -Dconfig.file="+file), known)
	return err
}

func TestKnownKeysPass(t *testing.T) {
	for name, err := range map[string]error{
		"jicofo": start(t, `jicofo { xmpp { client { hostname = a }, visitors { v1 { hostname = b } }, trusted-domains = [] }
			conference.source-signaling-delays { "50" = 500 }, codec.audio.opus.red.enabled = true }`, keys.Jicofo()),
		"videobridge": start(t, `videobridge { apis.xmpp-client.configs { tech { HOSTNAME = a, muc_jids = "b@c" } }
			relay { enabled = true, region = eu, relay-id = a }, cc.jvb-last-n = 0 }
			ice4j.harvest.mapping.static-mappings = [ { local-address = "10.0.0.1", public-address = "1.2.3.4" } ]
			`, keys.Videobridge()),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnknownKeysAreAllNamed(t *testing.T) {
	err := start(t, "jicofo { conference.enable-video = false, octo.id = 3, xmpp.client.port = 1 }", keys.Jicofo())
	if err == nil || !strings.Contains(err.Error(), "jicofo.conference.enable-video, jicofo.octo.id:") {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{
		"videobridge.ice.udp.prot = 1",
		"videobridge.stats.enabled = true",
		"videobridge.apis.xmpp-client.configs.tech.MUC_NAME = x",
		"ice4j.harvest.mapping.static-mappings = [ { local = x } ]",
		"jicofo.health.enabled = true",
		"videobridge.relay = true",
	} {
		if err := start(t, text, keys.Videobridge()); err == nil || !strings.Contains(err.Error(), "unknown configuration key") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestConfigFileMustBeNamed(t *testing.T) {
	if _, err := prepare(&Log{}, "", nil, keys.Jicofo()); err == nil {
		t.Error("started without a configuration file")
	}
}
