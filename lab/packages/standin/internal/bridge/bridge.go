package bridge

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

type phase string

const (
	running      phase = "RUNNING"
	graceful     phase = "GRACEFUL_SHUTDOWN"
	shuttingDown phase = "SHUTTING_DOWN"
)

// Bridge is the whole state of one stand-in.
type Bridge struct {
	settings
	log     *startup.Log
	clients []*client

	mutex     sync.Mutex
	endpoints presence.Endpoints
	periodic  presence.Endpoints // as of the last statistics interval, like most of the real bridge's figures
	drain     bool
	phase     phase
	openings  map[string]Opening // by fragment
	unhealthy string             // why the last health check failed, or ""
	changed   chan struct{}      // something that the presence tells has changed
}

// Run starts a bridge and returns only if it cannot start; it ends the process on shutdown.
func Run(environment *startup.Environment) error {
	s, err := readSettings(environment.Config)
	if err != nil {
		return err
	}
	b := newBridge(s, environment.Log)
	socket, err := net.ListenUDP("udp", &net.UDPAddr{Port: s.udpPort})
	if err != nil {
		return fmt.Errorf("videobridge.ice.udp.port: %w", err)
	}
	go b.serveMedia(socket)
	if err := b.listen(); err != nil {
		return err
	}
	ctx := context.Background()
	for _, m := range s.mucs {
		c := newClient(b, m, xmpp.Trust(environment.Trust))
		b.clients = append(b.clients, c)
	}
	for _, c := range b.clients {
		go c.connection.Run(ctx)
	}
	go b.checkHealth(ctx)
	go b.publish(ctx)
	environment.AwaitSignal()
	return nil
}

func newBridge(s settings, log *startup.Log) *Bridge {
	return &Bridge{
		settings: s, log: log, endpoints: presence.Endpoints{}, periodic: presence.Endpoints{},
		drain: s.drain, phase: running, openings: map[string]Opening{}, changed: make(chan struct{}, 1),
	}
}

// locked runs a short change or look under the lock.
func (b *Bridge) locked(action func()) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	action()
}

// announce asks for a presence now instead of at the next interval.
func (b *Bridge) announce() {
	select {
	case b.changed <- struct{}{}:
	default: // one is due anyway
	}
}

// addEndpoints applies changes of counts (negative: endpoints leave) and returns the new counts.
func (b *Bridge) addEndpoints(changes presence.Endpoints) presence.Endpoints {
	var now presence.Endpoints
	b.locked(func() {
		for conference, change := range changes {
			if count := b.endpoints[conference] + change; count > 0 {
				b.endpoints[conference] = count
			} else {
				delete(b.endpoints, conference)
			}
		}
		now = maps.Clone(b.endpoints)
	})
	b.announce()
	return now
}

// setEndpoints sets the count of one conference.
func (b *Bridge) setEndpoints(conference string, count int) {
	b.locked(func() {
		delete(b.endpoints, conference)
		if count > 0 {
			b.endpoints[conference] = count
		}
	})
	b.announce()
}

func (b *Bridge) setDrain(drain bool) {
	b.locked(func() { b.drain = drain })
	b.log.Info("Drain mode is now %v", drain)
	b.announce()
}

// figures are one consistent look at everything that statistics, metrics and debug output show.
type figures struct {
	endpoints, periodic presence.Endpoints
	drain               bool
	phase               phase
	unhealthy           string
}

func (b *Bridge) figures() (f figures) {
	b.locked(func() {
		f = figures{maps.Clone(b.endpoints), maps.Clone(b.periodic), b.drain, b.phase, b.unhealthy}
	})
	return f
}

func (f figures) stress(perEndpoint float64) float64 {
	return perEndpoint * float64(f.endpoints.Total())
}

// announced are the statistics in the presence.
func (b *Bridge) announced() presence.Stats {
	f := b.figures()
	stats := presence.Stats{
		"average_participant_stress": strconv.FormatFloat(b.stressPerEndpoint, 'f', -1, 64),
		"colibri2":                   "true",
		"current_timestamp":          time.Now().UTC().Format("2006-01-02 15:04:05.000"),
		"drain":                      strconv.FormatBool(f.drain),
		"graceful_shutdown":          strconv.FormatBool(f.phase == graceful),
		"healthy":                    strconv.FormatBool(f.unhealthy == ""),
		"shutting_down":              strconv.FormatBool(f.phase == shuttingDown),
		"stress_level":               strconv.FormatFloat(f.stress(b.stressPerEndpoint), 'f', -1, 64),
		"version":                    Version,
		"conferences":                strconv.Itoa(len(f.endpoints)),
		"endpoints":                  strconv.Itoa(f.endpoints.Total()),
		"local_endpoints":            strconv.Itoa(f.endpoints.Total()),
	}
	for name, value := range map[string]string{"region": b.region, "relay_id": b.relayID, "release": b.release} {
		if value != "" {
			stats[name] = value
		}
	}
	return stats
}

// publish sends the presence at each interval and soon after each change.
func (b *Bridge) publish(ctx context.Context) {
	statistics := time.NewTicker(b.statsInterval)
	announce := time.NewTicker(b.presenceInterval)
	for {
		select {
		case <-ctx.Done():
			return
		case <-statistics.C:
			b.locked(func() { b.periodic = maps.Clone(b.endpoints) })
			continue
		case <-announce.C:
		case <-b.changed:
		}
		for _, c := range b.clients {
			c.publish()
		}
	}
}

// startShutdown begins the way down: gracefully once the bridge is empty, or at once.
func (b *Bridge) startShutdown(isGraceful bool) {
	b.locked(func() {
		if b.phase == running {
			b.phase = graceful
		}
	})
	b.log.Info("Entered graceful shutdown mode")
	b.announce()
	deadline := time.Now().Add(b.maxGracefulDuration)
	go func() {
		for isGraceful && time.Now().Before(deadline) && b.figures().endpoints.Total() > b.minParticipants {
			time.Sleep(200 * time.Millisecond)
		}
		b.locked(func() { b.phase = shuttingDown })
		b.log.Info("Entered shutting down mode, exiting in %v", b.shuttingDownDelay)
		b.announce()
		time.Sleep(b.shuttingDownDelay)
		b.log.Info("Videobridge is shutting down NOW")
		os.Exit(0)
	}()
}
