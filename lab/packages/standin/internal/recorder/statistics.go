package recorder

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"audio-meet/lab/packages/standin/internal/startup"
)

// totals are counts since the start.
type totals struct{ started, stopped, errors, whileBusy atomic.Int64 }

// collector is what /metrics shows, prefix jitsi_jibri_.
func (r *Recorder) collector() *prometheus.Registry {
	m := startup.NewMetrics("jitsi_jibri_")
	m.Gauge("healthy", func() float64 { _, unwell, _ := r.figures(); return startup.Truth(unwell == "") })
	m.Gauge("recording", func() float64 { status, _, _ := r.figures(); return startup.Truth(status == busy) })
	for name, counted := range map[string]*atomic.Int64{
		"sessions_started": &r.totals.started, "sessions_stopped": &r.totals.stopped,
		"errors": &r.totals.errors, "busy": &r.totals.whileBusy,
	} {
		m.Counter(name, func() float64 { return float64(counted.Load()) })
	}
	return m.Registry
}
