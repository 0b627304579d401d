package bridge

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
)

// connections counts logins and rooms: configured ones and those that are up.
func (b *Bridge) connections() (connected, rooms, joined int, losses int64) {
	for _, c := range b.clients {
		rooms += len(c.muc.rooms)
		joined += c.joinedRooms()
		losses += c.connection.Losses()
		if c.connection.Session() != nil {
			connected++
		}
	}
	return connected, rooms, joined, losses
}

func largest(endpoints presence.Endpoints) int {
	most := 0
	for _, count := range endpoints {
		most = max(most, count)
	}
	return most
}

// statistics is the body of /colibri/stats. Endpoints are as of the last interval, as in the real bridge;
// local_endpoints and conferences are live.
func (b *Bridge) statistics() map[string]any {
	f := b.figures()
	connected, rooms, joined, _ := b.connections()
	heard := 0
	for _, c := range b.clients {
		heard += c.presencesHeard()
	}
	stats := map[string]any{
		"muc_clients_configured": len(b.clients), "muc_clients_connected": connected,
		"mucs_configured": rooms, "mucs_joined": joined,
		"endpoints": f.periodic.Total(), "participants": f.periodic.Total(),
		"local_endpoints": f.endpoints.Total(), "octo_endpoints": 0, "octo_conferences": 0,
		"conferences": len(f.endpoints), "largest_conference": largest(f.periodic),
		"stress_level": f.stress(b.stressPerEndpoint), "average_participant_stress": b.stressPerEndpoint,
		"drain": f.drain, "graceful_shutdown": f.phase == graceful, "shutting_down": f.phase == shuttingDown,
		"healthy": f.unhealthy == "", "version": Version, "standin": true,
		"standin_presences_heard": heard,
		"current_timestamp":       time.Now().UTC().Format("2006-01-02 15:04:05.000"),
		"bit_rate_download":       0, "bit_rate_upload": 0, "packet_rate_download": 0, "packet_rate_upload": 0,
		"endpoints_sending_audio": 0, "endpoints_sending_video": 0,
	}
	for name, value := range map[string]string{"region": b.region, "relay_id": b.relayID, "release": b.release} {
		if value != "" {
			stats[name] = value
		}
	}
	return stats
}

// collector is what /metrics shows, prefix jitsi_jvb_. Media figures are 0: no media passes here.
func (b *Bridge) collector() *prometheus.Registry {
	metrics := startup.NewMetrics("jitsi_jvb_")
	truth := func(read func(figures) bool) func() float64 {
		return func() float64 { return startup.Truth(read(b.figures())) }
	}
	metrics.Gauge("stress", func() float64 { return b.figures().stress(b.stressPerEndpoint) })
	metrics.Gauge("local_endpoints", func() float64 { return float64(b.figures().endpoints.Total()) })
	metrics.Gauge("current_endpoints", func() float64 { return float64(b.figures().periodic.Total()) })
	metrics.Gauge("conferences", func() float64 { return float64(len(b.figures().endpoints)) })
	metrics.Gauge("largest_conference", func() float64 { return float64(largest(b.figures().periodic)) })
	metrics.Gauge("healthy", truth(func(f figures) bool { return f.unhealthy == "" }))
	metrics.Gauge("drain_mode", truth(func(f figures) bool { return f.drain }))
	metrics.Gauge("graceful_shutdown", truth(func(f figures) bool { return f.phase == graceful }))
	metrics.Gauge("shutting_down", truth(func(f figures) bool { return f.phase == shuttingDown }))
	metrics.Gauge("muc_clients_configured", func() float64 { return float64(len(b.clients)) })
	metrics.Gauge("muc_clients_connected", func() float64 { n, _, _, _ := b.connections(); return float64(n) })
	metrics.Gauge("mucs_configured", func() float64 { _, n, _, _ := b.connections(); return float64(n) })
	metrics.Gauge("mucs_joined", func() float64 { _, _, n, _ := b.connections(); return float64(n) })
	metrics.Counter("xmpp_disconnects", func() float64 { _, _, _, n := b.connections(); return float64(n) })
	nothing := func() float64 { return 0 }
	for _, name := range []string{
		"incoming_bitrate", "outgoing_bitrate", "incoming_packet_rate", "outgoing_packet_rate", "cpu_steal", "relays",
	} {
		metrics.Gauge(name, nothing)
	}
	for _, name := range []string{"endpoints_ice_failed", "endpoints_no_message_transport_after_delay", "ice_failed", "ice_succeeded", "queue_dropped_packets"} {
		metrics.Counter(name, nothing)
	}
	if b.transitTime {
		for _, name := range []string{"rtp_transit_time", "rtcp_transit_time"} {
			metrics.EmptyHistogram(name, 0, 5, 50, 500)
		}
	}
	return metrics.Registry
}
