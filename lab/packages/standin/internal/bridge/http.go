package bridge

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/startup"
)

// listen serves the private HTTP interface; only the routes that the configuration turns on exist.
func (b *Bridge) listen() error {
	address := net.JoinHostPort(b.privateHost, fmt.Sprint(b.privatePort))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("videobridge.http-servers.private: %w", err)
	}
	server := &http.Server{Handler: b.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() { b.log.Error("HTTP server: %v", server.Serve(listener)) }()
	b.log.Info("HTTP server listens on %s", address)
	for _, id := range b.incomplete {
		b.log.Info("standin: apis.xmpp-client.configs.%s is incomplete; the real bridge drops it silently", id)
	}
	return nil
}

func (b *Bridge) routes() http.Handler {
	mux := http.NewServeMux()
	add := func(enabled bool, pattern string, handler http.HandlerFunc) {
		if enabled {
			mux.HandleFunc(pattern, handler)
		}
	}
	add(b.healthRoute, "GET /about/health", b.getHealth)
	add(b.version, "GET /about/version", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"name": "JVB", "version": Version, "os": "Linux"})
	})
	add(b.metrics, "GET /metrics", startup.MetricsHandler(b.collector()))
	add(b.drainRoute, "GET /colibri/drain", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"drain": b.figures().drain})
	})
	add(b.drainRoute, "POST /colibri/drain/enable", func(http.ResponseWriter, *http.Request) { b.setDrain(true) })
	add(b.drainRoute, "POST /colibri/drain/disable", func(http.ResponseWriter, *http.Request) { b.setDrain(false) })
	add(b.colibri, "GET /colibri/stats", func(w http.ResponseWriter, _ *http.Request) { reply(w, b.statistics()) })
	add(b.colibri, "POST /colibri/v2/conferences", b.postConference())
	add(b.shutdown, "POST /colibri/shutdown", b.postShutdown)
	add(b.debug, "GET /debug", func(w http.ResponseWriter, _ *http.Request) { reply(w, b.debugState()) })
	add(true, "POST /standin/endpoints", b.postEndpoints)
	add(true, "POST /standin/leave", b.postLeave)
	return mux
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func (b *Bridge) getHealth(w http.ResponseWriter, _ *http.Request) {
	if problem := b.figures().unhealthy; problem != "" {
		http.Error(w, problem, http.StatusInternalServerError)
	}
}

// postConference makes conferences whose participants are openings, or ends one. The first takes as long as the first of a cold JVM.
func (b *Bridge) postConference() http.HandlerFunc {
	var warm sync.Once
	return func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			ID        string            `json:"meeting-id"`
			Expire    bool              `json:"expire"`
			Endpoints []json.RawMessage `json:"endpoints"`
		}
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 65536)).Decode(&request)
		if err != nil || request.ID == "" {
			http.Error(w, "Failed to create conference", http.StatusBadRequest)
			return
		}
		warm.Do(func() { time.Sleep(2 * time.Second) })
		if request.Expire {
			b.closeMeeting(request.ID)
			reply(w, map[string]any{})
			return
		}
		endpoints := []any{}
		for range request.Endpoints {
			endpoints = append(endpoints, endpointOf(b.open(request.ID)))
		}
		reply(w, map[string]any{"endpoints": endpoints})
	}
}

// endpointOf is an opening as the real bridge's JSON has it.
func endpointOf(one Opening) map[string]any {
	candidate := map[string]any{"ip": one.Address, "port": fmt.Sprint(one.Port), "protocol": "udp", "type": "host"}
	transport := map[string]any{"ufrag": one.Fragment, "pwd": one.Password, "candidates": []any{candidate}}
	return map[string]any{"transport": map[string]any{"transport": transport}}
}

// postShutdown takes {"graceful-shutdown":"true"|"false"}, both as text, as the real bridge does.
func (b *Bridge) postShutdown(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Graceful *string `json:"graceful-shutdown"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&request)
	if err != nil || request.Graceful == nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	b.startShutdown(*request.Graceful == "true")
}

// postEndpoints is the lab's own: it sets how many simulated endpoints of a conference the bridge carries.
func (b *Bridge) postEndpoints(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	if address := net.ParseIP(host); address == nil || !address.IsLoopback() {
		http.Error(w, "only from this host", http.StatusForbidden)
		return
	}
	var request struct {
		Count      *int   `json:"count"`
		Conference string `json:"conference"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&request)
	if err != nil || request.Count == nil || *request.Count < 0 || request.Conference == "" {
		http.Error(w, `send {"count": 0 or more, "conference": "name"}`, http.StatusBadRequest)
		return
	}
	b.setEndpoints(request.Conference, *request.Count)
	b.log.Info("standin: conference %s now has %d simulated endpoints", request.Conference, *request.Count)
	reply(w, b.figures().endpoints)
}

// postLeave is the lab's own: the bridge is logged in from here on, and not in the brewery.
func (b *Bridge) postLeave(http.ResponseWriter, *http.Request) {
	b.log.Info("standin: leaves the brewery")
	for _, c := range b.clients {
		c.leave()
	}
}

func (b *Bridge) debugState() map[string]any {
	f := b.figures()
	conferences := map[string]any{}
	for id, count := range f.endpoints {
		conferences[id] = map[string]any{"name": id, "endpoints": count}
	}
	return map[string]any{
		"standin": true, "conferences": conferences, "drain": f.drain, "shutdownState": f.phase,
		"time":            time.Now().UnixMilli(),
		"load_management": map[string]any{"stress": fmt.Sprint(f.stress(b.stressPerEndpoint))},
	}
}
