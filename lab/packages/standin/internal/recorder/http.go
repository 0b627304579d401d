package recorder

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// listen serves the internal interface and the external one.
func (r *Recorder) listen() error {
	if err := r.serve("internal", r.internalHost, r.internalPort, r.internalRoutes()); err != nil {
		return err
	}
	return r.serve("external", r.externalHost, r.externalPort, r.externalRoutes())
}

func (r *Recorder) serve(name, host string, port int, routes http.Handler) error {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("jibri.api.http.%s-api-port: %w", name, err)
	}
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	go func() { r.log.Error("HTTP server: %v", server.Serve(listener)) }()
	r.log.Info("Using %s for %s HTTP API", address, name)
	return nil
}

func (r *Recorder) externalRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jibri/api/v1.0/health", func(w http.ResponseWriter, _ *http.Request) { reply(w, r.health()) })
	mux.HandleFunc("POST /jibri/api/v1.0/stopService", func(http.ResponseWriter, *http.Request) { r.stop() })
	mux.HandleFunc("POST /jibri/api/v1.0/startService", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the stand-in takes orders over XMPP alone", http.StatusNotImplemented)
	})
	if r.metrics {
		mux.HandleFunc("GET /metrics", promhttp.HandlerFor(r.collector(), promhttp.HandlerOpts{}).ServeHTTP)
	}
	return mux
}

// internalRoutes are those of the package's own scripts. Leaving with 255 is for good, with 0 systemd starts us again.
func (r *Recorder) internalRoutes() http.Handler {
	mux := http.NewServeMux()
	leave := func(path, words string, code int, first func()) {
		mux.HandleFunc("POST /jibri/api/internal/v1.0/"+path, func(http.ResponseWriter, *http.Request) {
			r.log.Info("%s", words)
			time.AfterFunc(100*time.Millisecond, func() { // the answer goes first
				first()
				r.onceIdle(func() { os.Exit(code) })
			})
		})
	}
	leave("gracefulShutdown", "Jibri has been told to graceful shutdown, waiting to be idle before exiting", exitForGood, func() {})
	leave("notifyConfigChanged", "The config file has changed, waiting for Jibri to be idle before exiting", 0, func() {})
	leave("shutdown", "Jibri has been told to shutdown, stopping any active service", exitForGood, r.stop)
	return mux
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// health is the body of /health.
func (r *Recorder) health() map[string]any {
	status, unwell, context := r.figures()
	word, details := "HEALTHY", map[string]any{}
	if unwell != "" {
		word = "UNHEALTHY"
		details["JibriManager"] = map[string]string{"healthStatus": word, "detail": ""}
	}
	body := map[string]any{
		"standin": true,
		"status": map[string]any{
			"busyStatus": string(status),
			"health":     map[string]any{"healthStatus": word, "details": details},
		},
	}
	if context != "" {
		body["environmentContext"] = map[string]string{"name": context}
	}
	return body
}
