package startup

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are Prometheus metrics that are read when somebody asks, all under one prefix.
type Metrics struct {
	Registry *prometheus.Registry
	prefix   string
}

// NewMetrics makes an empty set; every name in it begins with the prefix.
func NewMetrics(prefix string) *Metrics {
	return &Metrics{Registry: prometheus.NewRegistry(), prefix: prefix}
}

// Gauge adds a value that rises and falls.
func (m *Metrics) Gauge(name string, read func() float64) {
	m.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: m.prefix + name, Help: name}, read))
}

// Counter adds a value that only rises; its name ends in _total, as the real daemons export it.
func (m *Metrics) Counter(name string, read func() float64) {
	options := prometheus.CounterOpts{Name: m.prefix + name + "_total", Help: name}
	m.Registry.MustRegister(prometheus.NewCounterFunc(options, read))
}

// EmptyHistogram adds a histogram in which nothing is ever counted.
func (m *Metrics) EmptyHistogram(name string, bounds ...float64) {
	options := prometheus.HistogramOpts{Name: m.prefix + name, Help: name, Buckets: bounds}
	m.Registry.MustRegister(prometheus.NewHistogram(options))
}

// Truth is 1 for true and 0 for false.
func Truth(value bool) float64 {
	if value {
		return 1
	}
	return 0
}

// MetricsHandler serves a registry. Without an Accept header it answers 500, as the real videobridge does:
// what asks without one (Python's urllib) must be found out here, not in production.
func MetricsHandler(registry *prometheus.Registry) http.HandlerFunc {
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") == "" {
			http.Error(w, "", http.StatusInternalServerError)
			return
		}
		handler.ServeHTTP(w, r)
	}
}
