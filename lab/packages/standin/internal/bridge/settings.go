// Package bridge is the stand-in for the videobridge: it logs in, announces itself and answers like one, and
// carries endpoints that are only counted.
package bridge

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"audio-meet/lab/packages/standin/internal/hocon"
	"audio-meet/lab/packages/standin/internal/startup"
)

// Version is what the stand-in calls itself everywhere.
const Version = "2.3-" + startup.Revision

// defaultWhitelist is stats-filter.whitelist. Source: jvb reference.conf.
var defaultWhitelist = []string{
	"average_participant_stress", "colibri2", "current_timestamp", "drain", "graceful_shutdown", "healthy",
	"region", "relay_id", "release", "shutting_down", "stress_level", "version",
}

// muc is one complete block of apis.xmpp-client.configs.
type muc struct {
	id       string
	host     string
	port     int
	domain   string
	user     string
	password string
	rooms    []string
	nickname string
}

type mapping struct{ local, public string }

// settings are the values that the stand-in acts on; defaults are those of jvb's and ice4j's reference.conf.
type settings struct {
	mucs                                      []muc
	incomplete                                []string // ids of the blocks that the real bridge drops silently
	statsInterval, presenceInterval           time.Duration
	whitelist                                 []string // nil: announce everything
	region, relayID, release                  string
	stressPerEndpoint                         float64
	transitTime                               bool
	drain                                     bool
	privateHost                               string
	privatePort, udpPort                      int
	colibri, shutdown                         bool
	healthRoute, version, metrics, drainRoute bool
	debug                                     bool
	healthInterval                            time.Duration
	requireAddress                            bool
	mappings                                  []mapping
	minParticipants                           int
	maxGracefulDuration, shuttingDownDelay    time.Duration
}

func readSettings(config *hocon.Config) (settings, error) {
	var s settings
	err := hocon.Check(func() {
		s.readServing(config)
		s.readLife(config)
		s.readMUCs(config)
	})
	if err != nil {
		return s, err
	}
	return s, s.readRelay(config)
}

func (s *settings) readServing(c *hocon.Config) {
	const rest = "videobridge.rest."
	s.privateHost = c.String("videobridge.http-servers.private.host", "127.0.0.1")
	s.privatePort = c.Int("videobridge.http-servers.private.port", 8080)
	s.udpPort = c.Int("videobridge.ice.udp.port", 10000)
	s.colibri = c.Bool("videobridge.apis.rest.enabled", false)
	s.shutdown = s.colibri && c.Bool(rest+"shutdown.enabled", false)
	s.healthRoute = c.Bool(rest+"health.enabled", true)
	s.version = c.Bool(rest+"version.enabled", true)
	s.metrics = c.Bool(rest+"prometheus.enabled", true)
	s.transitTime = c.Bool("videobridge.stats.transit-time.enable-prometheus", false)
	s.drainRoute = c.Bool(rest+"drain.enabled", true)
	s.debug = c.Bool(rest+"debug.enabled", true)
}

func (s *settings) readLife(c *hocon.Config) {
	s.statsInterval = c.Duration("videobridge.stats.interval", 5*time.Second)
	s.presenceInterval = c.Duration("videobridge.apis.xmpp-client.presence-interval", s.statsInterval)
	if c.Bool("videobridge.apis.xmpp-client.stats-filter.enabled", false) {
		s.whitelist = c.Strings("videobridge.apis.xmpp-client.stats-filter.whitelist", defaultWhitelist)
	}
	s.release = c.String("videobridge.version.release", "")
	s.stressPerEndpoint = c.Float("videobridge.load-management.average-participant-stress", 0.01)
	s.drain = c.Bool("videobridge.initial-drain-mode", false)
	s.healthInterval = c.Duration("videobridge.health.interval", time.Minute)
	s.requireAddress = c.Bool("videobridge.health.require-valid-address", true)
	for _, fields := range c.Objects("ice4j.harvest.mapping.static-mappings") {
		s.mappings = append(s.mappings, mapping{fields["local-address"], fields["public-address"]})
	}
	const shutdown = "videobridge.shutdown."
	s.minParticipants = c.Int(shutdown+"graceful-shutdown-min-participants", 0)
	s.maxGracefulDuration = c.Duration(shutdown+"graceful-shutdown-max-duration", 24*time.Hour)
	s.shuttingDownDelay = c.Duration(shutdown+"shutting-down-delay", time.Minute)
}

// readRelay reads videobridge.relay, with videobridge.octo as the older name for the same.
func (s *settings) readRelay(c *hocon.Config) error {
	for _, base := range []string{"videobridge.relay.", "videobridge.octo."} {
		var enabled bool
		if err := hocon.Check(func() { enabled = c.Bool(base+"enabled", false) }); err != nil || !enabled {
			if err != nil {
				return err
			}
			continue
		}
		s.region, s.relayID = c.String(base+"region", ""), c.String(base+"relay-id", "")
		if s.region == "" || s.relayID == "" {
			return errors.New(base + "enabled is true: " + base + "region and " + base + "relay-id must be set")
		}
		return nil
	}
	return nil
}

func (s *settings) readMUCs(c *hocon.Config) {
	const configs = "videobridge.apis.xmpp-client.configs"
	for _, id := range c.Names(configs) {
		fields := c.Fields(configs, id)
		complete := true
		for _, name := range []string{"HOSTNAME", "USERNAME", "PASSWORD", "MUC_JIDS", "MUC_NICKNAME"} {
			complete = complete && fields[name] != ""
		}
		if !complete {
			s.incomplete = append(s.incomplete, id)
			continue
		}
		found := muc{
			id: id, host: fields["HOSTNAME"], port: 5222, domain: fields["DOMAIN"],
			user: fields["USERNAME"], password: fields["PASSWORD"], nickname: fields["MUC_NICKNAME"],
		}
		if port, err := strconv.Atoi(fields["PORT"]); err == nil {
			found.port = port
		}
		if found.domain == "" {
			found.domain = found.host
		}
		for _, room := range strings.Split(fields["MUC_JIDS"], ",") {
			found.rooms = append(found.rooms, strings.TrimSpace(room))
		}
		s.mucs = append(s.mucs, found)
	}
}
