package focus

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// verdictOfHealth is what one check of jicofo's own health found.
type verdictOfHealth struct {
	problem string // "": healthy
	isHard  bool   // 500 in HTTP; else 503
}

// ownHealth is jicofo's check of itself. HTTP and metrics tell what the last one found, so up to an interval late; before the
// first one it calls itself healthy.
type ownHealth struct {
	mutex   sync.Mutex
	verdict verdictOfHealth
	at      time.Time
}

func (h *ownHealth) put(verdict verdictOfHealth) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.verdict, h.at = verdict, time.Now()
}

// last is the verdict that counts now: none for too long is a failure as well.
func (h *ownHealth) last(timeout time.Duration) verdictOfHealth {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if age := time.Since(h.at); age > timeout {
		return verdictOfHealth{fmt.Sprintf("No health checks performed recently, the last result was %s ago.", javaDuration(age)), true}
	}
	return h.verdict
}

// checkOwnHealth repeats the check; the first comes after one interval, as in the real jicofo. A failure is a line of level
// SEVERE each time, also where it passes by itself: until the first bridge is there, the real jicofo complains like that.
func (f *Focus) checkOwnHealth(ctx context.Context) {
	f.own.put(verdictOfHealth{})
	if !f.health {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(f.healthInterval):
		}
		started := time.Now()
		verdict := f.examine()
		f.own.put(verdict)
		if verdict.problem != "" {
			f.log.Error("[22] HealthChecker.run#181: Health check failed in %s: Result(success=false, hardFailure=%t, "+
				"responseCode=null, sticky=false, message=%s)", javaDuration(time.Since(started)), verdict.isHard, verdict.problem)
		}
	}
}

// examine looks for bridges first, as the real check does, and then at the client connection.
func (f *Focus) examine() verdictOfHealth {
	if c := f.bridges.counts(); c.willing == 0 {
		return verdictOfHealth{fmt.Sprintf("No operational bridges available (total bridge count: %d)", c.all), true}
	}
	if f.client.Session() == nil {
		return verdictOfHealth{"XMPP ping failed: did not receive xmpp ping response for client", false}
	}
	return verdictOfHealth{}
}

// getHealth answers with what the last check found.
func (f *Focus) getHealth(w http.ResponseWriter, _ *http.Request) {
	switch verdict := f.own.last(f.healthTimeout); {
	case verdict.problem == "":
		_, _ = w.Write([]byte("OK"))
	case verdict.isHard:
		http.Error(w, verdict.problem, http.StatusInternalServerError)
	default:
		http.Error(w, verdict.problem, http.StatusServiceUnavailable)
	}
}

// javaDuration writes a duration as Java does.
func javaDuration(d time.Duration) string { return fmt.Sprintf("PT%.6fS", d.Seconds()) }
