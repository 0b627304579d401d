package focus

import (
	"github.com/prometheus/client_golang/prometheus"

	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

func sum(sizes map[string]int) (total, largest int) {
	for _, size := range sizes {
		total += size
		largest = max(largest, size)
	}
	return total, largest
}

// statistics is the body of /stats.
func (f *Focus) statistics() map[string]any {
	c := f.bridges.counts()
	sizes := f.rooms.sizes()
	participants, largest := sum(sizes)
	recorders, available := f.recorders.counts()
	return map[string]any{
		"standin": true, "version": Version,
		"standin_cut_endpoints": f.cut.Load(),
		"conferences":           len(sizes), "participants": participants, "largest_conference": largest,
		"total_conferences_created": f.rooms.fresh.Load(),
		"bridge_selector": map[string]int{
			"bridge_count": c.all, "operational_bridge_count": c.operational,
			"in_shutdown_bridge_count": c.leaving, "lost_bridges": c.lost, "bridge_version_count": c.versions,
		},
		"jibri":          map[string]int{"recording_active": f.recordings.active(), "live_streaming_active": 0},
		"jibri_detector": map[string]int{"count": recorders, "available": available},
		"xmpp":           map[string]any{"client": f.client.Session() != nil, "service": f.service.Session() != nil},
	}
}

// debugState is the body of /debug: what is known of every bridge.
func (f *Focus) debugState() map[string]any {
	bridges := map[string]any{}
	for _, b := range f.bridges.snapshot() {
		bridges[b.jid] = map[string]any{
			"version": b.stats["version"], "release": b.stats["release"], "region": b.stats["region"],
			"relay_id": b.stats["relay_id"], "stress": b.stress(), "drain": b.draining(),
			"operational": f.bridges.operational(&b), "graceful-shutdown": b.truth("graceful_shutdown"),
			"shutting-down": b.truth("shutting_down"), "endpoints": b.own().Total(),
		}
	}
	return map[string]any{
		"standin": true, "bridge_selector": map[string]any{"bridge": bridges}, "conferences": f.rooms.sizes(),
	}
}

// endpointCounts exports bridge_endpoints{jvb=NICK}: a series exists once a bridge has had endpoints, and goes
// with the bridge. So "no series" does not mean "empty", as with the real jicofo.
type endpointCounts struct {
	focus       *Focus
	description *prometheus.Desc
	known       map[string]bool
}

// Describe implements prometheus.Collector.
func (e *endpointCounts) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- e.description
}

// Collect implements prometheus.Collector; the registry calls it for one scrape at a time.
func (e *endpointCounts) Collect(metrics chan<- prometheus.Metric) {
	e.focus.mutex.Lock()
	defer e.focus.mutex.Unlock()
	present := map[string]bool{}
	for _, b := range e.focus.bridges.snapshot() {
		count := b.own().Total()
		if count == 0 && !e.known[b.jid] {
			continue
		}
		present[b.jid] = true
		metrics <- prometheus.MustNewConstMetric(e.description, prometheus.GaugeValue, float64(count), xmpp.Resource(b.jid))
	}
	e.known = present
}

// collector is what /metrics shows, prefix jitsi_jicofo_.
func (f *Focus) collector() *prometheus.Registry {
	const prefix = "jitsi_jicofo_"
	m := startup.NewMetrics(prefix)
	counted := func(read func(counts) int) func() float64 {
		return func() float64 { return float64(read(f.bridges.counts())) }
	}
	m.Gauge("bridge_selector_bridge_count", counted(func(c counts) int { return c.all }))
	m.Gauge("bridge_selector_bridge_count_operational", counted(func(c counts) int { return c.operational }))
	m.Gauge("bridge_selector_bridge_count_in_shutdown", counted(func(c counts) int { return c.leaving }))
	m.Gauge("bridge_selector_bridge_version_count", counted(func(c counts) int { return c.versions }))
	m.Counter("bridge_selector_lost_bridges", counted(func(c counts) int { return c.lost }))
	m.Gauge("conferences", func() float64 { return float64(len(f.rooms.sizes())) })
	m.Gauge("participants_current", func() float64 { total, _ := sum(f.rooms.sizes()); return float64(total) })
	m.Gauge("largest_conference", func() float64 { _, most := sum(f.rooms.sizes()); return float64(most) })
	m.Counter("conference_requests", func() float64 { return float64(f.rooms.requests.Load()) })
	m.Counter("conferences_created", func() float64 { return float64(f.rooms.fresh.Load()) })
	m.Counter("xmpp_disconnects", func() float64 {
		if f.service == f.client {
			return float64(f.client.Losses())
		}
		return float64(f.client.Losses() + f.service.Losses())
	})
	m.Gauge("jibri_instances", func() float64 { all, _ := f.recorders.counts(); return float64(all) })
	m.Gauge("jibri_instances_available", func() float64 { _, available := f.recorders.counts(); return float64(available) })
	m.Gauge("jibri_recording_active", func() float64 { return float64(f.recordings.active()) })
	m.Counter("jibri_recording_failures", func() float64 { return float64(f.recordings.failures.Load()) })
	// Nobody's media passes here, so nobody's media fails: present, and 0.
	nothing := func() float64 { return 0 }
	m.Gauge("visitors_current", nothing)
	for _, name := range []string{"participants_restart_requested", "participants_ice_failed"} {
		m.Counter(name, nothing)
	}
	m.Gauge("healthy", func() float64 {
		return startup.Truth(f.own.last(f.healthTimeout).problem == "")
	})
	m.Registry.MustRegister(&endpointCounts{
		focus: f, known: map[string]bool{},
		description: prometheus.NewDesc(prefix+"bridge_endpoints", "endpoints on a bridge", []string{"jvb"}, nil),
	})
	return m.Registry
}
