// Package recorder is the stand-in for Jibri: it reads jibri.conf, announces itself in the brewery, takes orders to record,
// joins the conference as a hidden participant over the page's websocket, runs the configured ffmpeg and calls the finalize
// script. What it has not is Chrome: the sound of a conference has to be played into the recorder's sink by somebody else.
package recorder

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// Version is what the stand-in calls itself.
const Version = "8.0-" + startup.Revision

// exitForGood is the exit code after which systemd does not start Jibri again (RestartPreventExitStatus of its unit).
const exitForGood = 255

const ffmpegLog = "/var/log/jitsi/jibri/ffmpeg.0.txt"

var errBusy = errors.New("Jibri is currently busy, cannot service this request")

type busyStatus string

const (
	idle    busyStatus = "IDLE"
	busy    busyStatus = "BUSY"
	expired busyStatus = "EXPIRED"
)

// Recorder is the whole state of the stand-in.
type Recorder struct {
	settings
	log      *startup.Log
	lines    io.Writer
	controls []*control
	totals   totals

	stopping sync.Mutex // held while a recording ends, which lasts as long as the finalize script
	mutex    sync.Mutex
	status   busyStatus
	unwell   string // why a recording failed that says something about this machine, or ""
	active   *session
	context  string // name of the environment that gave the order
	whenIdle func()
}

// Run starts a recorder and returns only if it cannot start.
func Run(environment *startup.Environment) error {
	s, err := readSettings(environment.Config)
	if err != nil {
		return err
	}
	lines, err := os.OpenFile(ffmpegLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	r := newRecorder(s, environment.Log, lines)
	for at := range s.environments {
		for _, host := range s.environments[at].servers {
			r.controls = append(r.controls, newControl(r, &r.environments[at], host, environment.Trust))
		}
	}
	if err := r.listen(); err != nil {
		return err
	}
	for _, c := range r.controls {
		go c.connection.Run(context.Background())
	}
	environment.AwaitSignal()
	return nil
}

func newRecorder(s settings, log *startup.Log, lines io.Writer) *Recorder {
	return &Recorder{settings: s, log: log, lines: lines, status: idle}
}

// start takes an order; the recording begins in the background. Errors: errBusy, or an order that makes no sense.
func (r *Recorder) start(e *environment, context string, o order) error {
	s := &session{settings: r.settings, order: o, environment: e, log: r.log, lines: r.lines}
	if err := s.prepare(time.Now()); err != nil {
		return err
	}
	s.failed = func(reason string, isSystem bool) { go r.fail(s, reason, isSystem) }
	s.finished = func(reason string) { go r.finish(s, reason) }
	r.mutex.Lock()
	if r.active != nil || r.status == expired {
		r.mutex.Unlock()
		r.totals.whileBusy.Add(1)
		return errBusy
	}
	r.active, r.context, r.status = s, context, busy
	r.mutex.Unlock()
	r.totals.started.Add(1)
	r.publish()
	if e.usageTimeout > 0 {
		time.AfterFunc(e.usageTimeout, func() { r.finish(s, "the usage timeout has elapsed") })
	}
	go s.run()
	return nil
}

// fail ends a recording that went wrong. A fault of this machine makes the recorder unhealthy until it is restarted.
func (r *Recorder) fail(s *session, reason string, isSystem bool) {
	if !r.isActive(s) || s.isEnded() {
		return
	}
	r.log.Error("[session_id=%s] Current service had an error: %s", s.session, reason)
	s.tell(outcome{isFailure: true})
	if isSystem {
		r.totals.errors.Add(1)
		r.mutex.Lock()
		r.unwell = reason
		r.mutex.Unlock()
		r.publish()
	}
	r.end(s)
}

// finish ends a recording that is over.
func (r *Recorder) finish(s *session, reason string) {
	if r.isActive(s) && !s.isEnded() {
		r.log.Info("[session_id=%s] Current service finished: %s", s.session, reason)
		s.tell(outcome{})
		r.end(s)
	}
}

// stop ends the current recording, if there is one, and returns when it has been handed over.
func (r *Recorder) stop() {
	r.mutex.Lock()
	s := r.active
	r.mutex.Unlock()
	if s == nil {
		r.log.Info("No service active, ignoring stop")
		return
	}
	if r.end(s) {
		s.tell(outcome{})
	}
}

func (r *Recorder) isActive(s *session) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.active == s
}

// end takes a recording to its end and makes the recorder free again; true if there was something to end.
func (r *Recorder) end(s *session) bool {
	r.stopping.Lock()
	defer r.stopping.Unlock()
	if !r.isActive(s) {
		return false
	}
	r.totals.stopped.Add(1)
	wasRunning := s.end()
	r.mutex.Lock()
	then := r.whenIdle
	r.whenIdle = nil
	r.mutex.Unlock()
	if then != nil {
		then() // as with Jibri, before jicofo hears that the recorder is free: it may be about to leave
	}
	r.mutex.Lock()
	r.active, r.context, r.status = nil, "", idle
	if r.singleUse {
		r.status = expired
	}
	r.mutex.Unlock()
	r.publish()
	return wasRunning
}

// onceIdle runs something when no recording is on.
func (r *Recorder) onceIdle(then func()) {
	r.mutex.Lock()
	isIdle := r.active == nil
	if !isIdle {
		r.whenIdle = then
	}
	r.mutex.Unlock()
	if isIdle {
		then()
	}
}

// figures are what health and presence tell.
func (r *Recorder) figures() (status busyStatus, unwell, context string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.status, r.unwell, r.context
}

// publish tells every brewery how we are; that we are used up is told to nobody, as with Jibri.
func (r *Recorder) publish() {
	status, _, _ := r.figures()
	if status == expired {
		return
	}
	for _, c := range r.controls {
		c.publish()
	}
}

// presence is the element that jicofo reads.
func (r *Recorder) presence() xmpp.Element {
	status, unwell, _ := r.figures()
	return statusElement(status, unwell == "")
}
