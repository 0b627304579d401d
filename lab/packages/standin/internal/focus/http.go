package focus

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"audio-meet/lab/packages/standin/internal/presence"
)

// listen serves the HTTP interface; a route that the configuration turns off answers 404.
func (f *Focus) listen() error {
	if !f.rest {
		return nil
	}
	address := net.JoinHostPort(f.host, strconv.Itoa(f.port))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("jicofo.rest: %w", err)
	}
	server := &http.Server{Handler: f.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() { f.log.Error("HTTP server: %v", server.Serve(listener)) }()
	f.log.Info("HTTP server listens on %s", address)
	return nil
}

func (f *Focus) routes() http.Handler {
	mux := http.NewServeMux()
	add := func(enabled bool, pattern string, handler http.HandlerFunc) {
		if enabled {
			mux.HandleFunc(pattern, handler)
		}
	}
	add(true, "GET /about/version", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"name": "Jicofo", "version": Version, "os": "Linux"})
	})
	add(f.health, "GET /about/health", f.getHealth)
	add(true, "GET /stats", func(w http.ResponseWriter, _ *http.Request) { reply(w, f.statistics()) })
	add(f.metrics, "GET /metrics", promhttp.HandlerFor(f.collector(), promhttp.HandlerOpts{}).ServeHTTP)
	add(f.debug, "GET /debug", func(w http.ResponseWriter, _ *http.Request) { reply(w, f.debugState()) })
	add(f.requests, "POST /conference-request/v1", f.postRequest)
	add(f.move, "GET /move-endpoints/move-fraction", f.getMoveFraction)
	add(f.move, "GET /move-endpoints/move-endpoints", f.getMoveEndpoints)
	add(true, "POST /standin/forget", f.postForget)
	add(true, "POST /standin/invite-nobody", f.postInviteNobody)
	return mux
}

// postForget is the lab's own: jicofo loses count of the bridge of that name, and does not hear it any more until it starts anew.
func (f *Focus) postForget(w http.ResponseWriter, r *http.Request) {
	b, err := f.find(r.URL.Query().Get("bridge"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	f.log.Info("standin: forgets %s", b.jid)
	f.bridges.deafen(b.jid)
}

// postInviteNobody is the lab's own: jicofo counts its bridges as before, and has none for whoever comes to a room, until it starts anew.
func (f *Focus) postInviteNobody(http.ResponseWriter, *http.Request) {
	f.log.Info("standin: invites nobody")
	f.invitesNobody.Store(true)
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// postRequest is the conference request over HTTP: {"room": "name@conference.D"}. Nobody is logged in here.
func (f *Focus) postRequest(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Room    string `json:"room"`
		Session string `json:"sessionId"`
		Machine string `json:"machineUid"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 65536)).Decode(&request)
	if err != nil || !isRoom(request.Room) {
		http.Error(w, "No 'room' specified.", http.StatusBadRequest)
		return
	}
	f.log.Info("Conference request for room %s over HTTP", request.Room)
	asked := question{room: request.Room, session: request.Session, machine: request.Machine}
	switch f.logins.judge(asked, f.rooms.exists(request.Room)).condition {
	case "":
	case "not-authorized":
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	case "not-acceptable":
		http.Error(w, "invalid-session", http.StatusBadRequest)
		return
	default:
		http.Error(w, "Bad request", http.StatusBadRequest)
		return
	}
	ready := f.rooms.request(request.Room)
	reply(w, map[string]any{
		"room": request.Room, "ready": ready, "focusJid": f.jid(), "properties": f.properties(),
	})
}

// getMoveFraction empties a bridge by a fraction, by default a tenth. Its codes are the real ones: 400 only for a
// missing bridge, 500 for everything else that is wrong.
func (f *Focus) getMoveFraction(w http.ResponseWriter, r *http.Request) {
	fraction := 0.1
	if text := r.URL.Query().Get("fraction"); text != "" {
		var err error
		if fraction, err = strconv.ParseFloat(text, 64); err != nil {
			http.Error(w, "fraction is not a number", http.StatusInternalServerError)
			return
		}
	}
	f.handleMove(w, r, fraction < 1, func(all presence.Endpoints) presence.Endpoints { return share(all, fraction) })
}

// getMoveEndpoints moves up to numEndpoints (default 1) of one conference, or of any.
func (f *Focus) getMoveEndpoints(w http.ResponseWriter, r *http.Request) {
	left := 1
	if text := r.URL.Query().Get("numEndpoints"); text != "" {
		var err error
		if left, err = strconv.Atoi(text); err != nil {
			http.Error(w, "numEndpoints is not a number", http.StatusInternalServerError)
			return
		}
	}
	only := r.URL.Query().Get("conference")
	f.handleMove(w, r, true, func(all presence.Endpoints) presence.Endpoints {
		chosen := presence.Endpoints{}
		for conference, count := range all {
			if n := min(left, count); n > 0 && (only == "" || only == conference) {
				chosen[conference] = n
				left -= n
			}
		}
		return chosen
	})
}

func (f *Focus) handleMove(
	w http.ResponseWriter, r *http.Request, partial bool, choose func(presence.Endpoints) presence.Endpoints,
) {
	name := r.URL.Query().Get("bridge")
	if name == "" {
		http.Error(w, "Missing parameter: bridge", http.StatusBadRequest)
		return
	}
	from, err := f.find(name)
	if err == nil {
		var moved presence.Endpoints
		if moved, err = f.bridgeMove(from, choose, partial); err == nil {
			reply(w, map[string]int{"movedEndpoints": moved.Total(), "conferences": len(moved)})
			return
		}
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}
