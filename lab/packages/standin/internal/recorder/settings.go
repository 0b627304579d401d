package recorder

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"audio-meet/lab/packages/standin/internal/hocon"
)

// Reference is Jibri's built-in configuration, as far as the stand-in acts on it.
//
//go:embed reference.conf
var Reference string

// credentials are those of control-login or call-login.
type credentials struct{ domain, user, password string }

// environment is one element of jibri.api.xmpp.environments.
type environment struct {
	name, domain, baseURL string
	servers               []server
	control, call         credentials
	brewery, nickname     string
	strip                 string
	usageTimeout          time.Duration // 0: none
}

// server is one of an environment's hosts; text is how the file names it.
type server struct {
	text, host string
	port       int
}

type settings struct {
	externalHost, internalHost string
	externalPort, internalPort int
	singleUse, metrics         bool
	environments               []environment
	recordings, finalize       string
	command                    []string // ffmpeg's, without the file
	extension                  string
	emptyTimeout, mutedTimeout time.Duration
}

// required are the keys of an environment without which Jibri does not start: it has no defaults for them.
var required = []string{
	"name", "xmpp-server-hosts", "xmpp-domain", "control-login.domain", "control-login.username", "control-login.password",
	"control-muc.domain", "control-muc.room-name", "control-muc.nickname", "call-login.domain", "call-login.username",
	"call-login.password", "strip-from-room-domain", "usage-timeout", "trust-all-xmpp-certs",
}

func readSettings(c *hocon.Config) (settings, error) {
	var s settings
	err := hocon.Check(func() {
		const http = "jibri.api.http."
		s.externalHost, s.externalPort = c.String(http+"external-api-host", ""), c.Int(http+"external-api-port", 0)
		s.internalHost, s.internalPort = c.String(http+"internal-api-host", ""), c.Int(http+"internal-api-port", 0)
		s.singleUse = c.Bool("jibri.single-use-mode", false)
		s.metrics = c.Bool("jibri.stats.prometheus.enabled", false)
		s.recordings = c.String("jibri.recording.recordings-directory", "")
		s.finalize = c.String("jibri.recording.finalize-script", "")
		s.command = c.Strings("jibri.ffmpeg.command-linux-recording", nil)
		s.extension = c.String("jibri.ffmpeg.recording-extension", "")
		s.emptyTimeout = c.Duration("jibri.call-status-checks.default-call-empty-timeout", 0)
		s.mutedTimeout = c.Duration("jibri.call-status-checks.all-muted-timeout", 0)
	})
	if err != nil {
		return s, err
	}
	for at, element := range c.List("jibri.api.xmpp.environments") {
		e, err := readEnvironment(element)
		if err != nil {
			return s, fmt.Errorf("jibri.api.xmpp.environments[%d]: %w", at, err)
		}
		s.environments = append(s.environments, e)
	}
	if len(s.environments) == 0 {
		return s, fmt.Errorf("jibri.api.xmpp.environments is empty: this recorder would be known to nobody")
	}
	return s, nil
}

func readEnvironment(c *hocon.Config) (e environment, err error) {
	for _, key := range required {
		if !c.Has(key) {
			return e, fmt.Errorf("%s is missing: Jibri has no default for it and does not start", key)
		}
	}
	err = hocon.Check(func() {
		e = environment{
			name: c.String("name", ""), domain: c.String("xmpp-domain", ""),
			control: readCredentials(c, "control-login."), call: readCredentials(c, "call-login."),
			brewery:      c.String("control-muc.room-name", "") + "@" + c.String("control-muc.domain", ""),
			nickname:     c.String("control-muc.nickname", ""),
			strip:        c.String("strip-from-room-domain", ""),
			usageTimeout: c.Duration("usage-timeout", 0).Truncate(time.Minute),
		}
		e.baseURL = strings.TrimSuffix(c.String("base-url", "https://"+e.domain), "/")
		port := c.Int("control-login.port", 5222)
		c.Bool("trust-all-xmpp-certs", false)
		for _, text := range c.Strings("xmpp-server-hosts", nil) {
			e.servers = append(e.servers, readServer(text, port))
		}
	})
	e.brewery = strings.ToLower(e.brewery)
	if err == nil && c.Bool("trust-all-xmpp-certs", false) {
		err = fmt.Errorf("trust-all-xmpp-certs is true: nobody would be verified, and the stand-in has no such way in")
	}
	return e, err
}

func readCredentials(c *hocon.Config, base string) credentials {
	return credentials{
		domain: c.String(base+"domain", ""), user: c.String(base+"username", ""), password: c.String(base+"password", ""),
	}
}

// readServer takes "host" or "host:port".
func readServer(text string, port int) server {
	found := server{text: text, host: text, port: port}
	if host, number, ok := strings.Cut(text, ":"); ok {
		if own, err := strconv.Atoi(number); err == nil {
			found.host, found.port = host, own
		}
	}
	return found
}

// callURL is the address of a conference's page, and the name of its room: "https://D/room", or "https://D/tenant/room".
func (e *environment) callURL(room string) (url, name string, err error) {
	name, domain, _ := strings.Cut(room, "@")
	stripped := strings.Replace(strings.ToLower(domain), strings.ToLower(e.strip), "", 1)
	tenant, _, found := strings.Cut(stripped, strings.ToLower(e.domain))
	if !found || name == "" {
		return "", "", fmt.Errorf("unable to extract call url info from Jid %s (stripFromRoomDomain = %s, xmppDomain = %s)",
			room, e.strip, e.domain)
	}
	if tenant = strings.Trim(tenant, "."); tenant != "" {
		return e.baseURL + "/" + tenant + "/" + name, name, nil
	}
	return e.baseURL + "/" + name, name, nil
}
