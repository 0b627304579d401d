// Package focus is the stand-in for jicofo: two logins, the brewery and the bridges in it, the answer to a
// request for a conference, and moving the simulated endpoints from bridge to bridge.
package focus

import (
	"errors"
	"strings"
	"time"

	"audio-meet/lab/packages/standin/internal/hocon"
	"audio-meet/lab/packages/standin/internal/startup"
)

// Version is what the stand-in calls itself everywhere.
const Version = "1.0-" + startup.Revision

// login is jicofo.xmpp.client or jicofo.xmpp.service.
type login struct {
	name         string
	enabled      bool
	host         string
	port         int
	domain       string
	user         string
	password     string
	resource     string
	replyTimeout time.Duration
}

// settings are the values that the stand-in acts on; defaults are those of jicofo's reference.conf.
type settings struct {
	client, service         login
	xmppDomain, mucDomain   string
	clientProxy             string
	brewery                 string
	breweryOnService        bool
	healthChecks            bool
	usePresence             bool
	checkInterval           time.Duration
	retryDelay              time.Duration
	failureReset            time.Duration
	presenceTimeout         time.Duration
	maxParticipants         int
	stressThreshold         float64
	octo                    bool
	initialTimeout          time.Duration
	host                    string
	port                    int
	rest, metrics, requests bool
	move, debug, health     bool
	healthInterval          time.Duration
	healthTimeout           time.Duration
	authentication          authentication
	autoOwner               bool
	recorderBrewery         string // "": no recorders
	recordersOnService      bool
	recorderRetries         int
	pendingTimeout          time.Duration
	trustedDomains          []string
	visitors                visitorSettings
}

func readSettings(config *hocon.Config) (settings, error) {
	var s settings
	err := hocon.Check(func() {
		s.client = readLogin(config, "client", true, 5222)
		s.service = readLogin(config, "service", false, 6222)
		s.readDomains(config)
		s.readBridges(config)
		s.readRecorders(config)
		s.readServing(config)
		s.visitors = readVisitors(config)
	})
	if err == nil && s.client.enabled && s.xmppDomain == "" {
		err = errors.New("jicofo.xmpp.client.xmpp-domain is not set: jicofo does not know its own domain")
	}
	return s, err
}

func readLogin(c *hocon.Config, name string, enabled bool, port int) login {
	base := "jicofo.xmpp." + name + "."
	l := login{
		name: name, enabled: c.Bool(base+"enabled", enabled),
		host: c.String(base+"hostname", "localhost"), port: c.Int(base+"port", port),
		user: c.String(base+"username", "focus"), password: c.String(base+"password", ""),
		replyTimeout: c.Duration(base+"reply-timeout", 15*time.Second),
	}
	l.resource = c.String(base+"resource", l.user)
	l.domain = c.String(base+"domain", c.String(base+"xmpp-domain", l.host))
	return l
}

func (s *settings) readDomains(c *hocon.Config) {
	const client = "jicofo.xmpp.client."
	s.xmppDomain = c.String(client+"xmpp-domain", "")
	s.mucDomain = c.String(client+"conference-muc-jid", "conference."+s.xmppDomain)
	s.clientProxy = c.String(client+"client-proxy", "")
	s.authentication = readAuthentication(c)
	s.autoOwner = c.Bool("jicofo.conference.enable-auto-owner", true)
}

func (s *settings) readBridges(c *hocon.Config) {
	const base = "jicofo.bridge."
	s.brewery = c.String(base+"brewery-jid", "")
	// An absent or disabled service connection makes "Service" mean the client connection, without a word.
	s.breweryOnService = s.service.enabled && c.String(base+"xmpp-connection-name", "Service") == "Service"
	s.healthChecks = c.Bool(base+"health-checks.enabled", true)
	s.usePresence = c.Bool(base+"health-checks.use-presence", false)
	s.checkInterval = c.Duration(base+"health-checks.interval", 10*time.Second)
	s.retryDelay = c.Duration(base+"health-checks.retry-delay", s.checkInterval/2)
	s.failureReset = c.Duration(base+"failure-reset-threshold", time.Minute)
	s.presenceTimeout = c.Duration(base+"health-checks.presence-timeout", 45*time.Second)
	s.maxParticipants = c.Int(base+"max-bridge-participants", 80)
	s.stressThreshold = c.Float(base+"stress-threshold", 0.8)
	s.octo = c.Bool("jicofo.octo.enabled", false)
	s.initialTimeout = c.Duration("jicofo.conference.initial-timeout", 15*time.Second)
}

func (s *settings) readRecorders(c *hocon.Config) {
	const base = "jicofo.jibri."
	s.recorderBrewery = strings.ToLower(c.String(base+"brewery-jid", ""))
	s.recordersOnService = s.service.enabled && c.String(base+"xmpp-connection-name", "Client") == "Service"
	s.recorderRetries = c.Int(base+"num-retries", 5)
	s.pendingTimeout = c.Duration(base+"pending-timeout", 90*time.Second)
	s.trustedDomains = c.Strings("jicofo.xmpp.trusted-domains", nil)
}

func (s *settings) readServing(c *hocon.Config) {
	const rest = "jicofo.rest."
	s.rest = c.Bool(rest+"enabled", true)
	s.host, s.port = c.String(rest+"host", "127.0.0.1"), c.Int(rest+"port", 8888)
	s.metrics = c.Bool(rest+"prometheus.enabled", true)
	s.requests = c.Bool(rest+"conference-request.enabled", true)
	s.move = c.Bool(rest+"move-endpoints.enabled", true)
	s.debug = c.Bool(rest+"debug.enabled", true)
	s.health = c.Bool("jicofo.health.enabled", false)
	s.healthInterval = c.Duration("jicofo.health.interval", 10*time.Second)
	s.healthTimeout = c.Duration("jicofo.health.timeout", 30*time.Second)
}
