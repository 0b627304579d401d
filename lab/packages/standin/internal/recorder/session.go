package recorder

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"audio-meet/lab/packages/standin/internal/startup"
)

// longestName is how many characters Jibri gives the name of a recording's file.
const longestName = 125

var unsafe = regexp.MustCompile(`[^a-zA-Z0-9_-]`)

// order is a request to record: where, under which session, and whom to tell.
type order struct {
	room, session string
	appData       map[string]any // what goes into metadata.json beside Jibri's own
	tell          func(outcome)
}

// outcome is what the one who gave the order is told: on, or off with or without a failure.
type outcome struct {
	isOn, isFailure bool
}

// session is one recording, from the order to the finalize script.
type session struct {
	settings
	order
	environment *environment
	log         *startup.Log
	lines       io.Writer // where ffmpeg's words go
	url, name   string
	directory   string
	file        string
	failed      func(reason string, isSystem bool)
	finished    func(reason string)

	context context.Context
	cancel  context.CancelFunc
	mutex   sync.Mutex
	call    *call
	capture *capture
	running bool
	ended   bool
}

// prepare names the session's folder and file as Jibri does.
func (s *session) prepare(now time.Time) (err error) {
	s.url, s.name, err = s.environment.callURL(s.room)
	if err != nil {
		return err
	}
	s.directory = filepath.Join(s.recordings, unsafe.ReplaceAllString(s.session, "_"))
	suffix := "_" + now.Format("2006-01-02-15-04-05") + "." + s.extension
	name := []rune(s.name)
	s.file = filepath.Join(s.directory, string(name[:min(len(name), longestName-len(suffix))])+suffix)
	s.context, s.cancel = context.WithCancel(context.Background())
	return nil
}

// run joins the call and starts to record; it returns once that is under way, or has failed.
func (s *session) run() {
	s.log.Info("[session_id=%s] Writing recording to %s, finalize script path %s", s.session, s.directory, s.finalize)
	const writable = 2
	if err := os.MkdirAll(s.directory, 0o755); err != nil {
		s.failed("Could not create recordings directory: "+err.Error(), true)
		return
	}
	if err := syscall.Access(s.directory, writable); err != nil {
		s.failed("Recordings directory is not writable: "+err.Error(), true)
		return
	}
	joined, err := joinCall(s.context, s.environment, s.url, s.name, s.room, s.lost)
	if err != nil {
		s.failed("Failed to join the call: "+err.Error(), false)
		return
	}
	if !s.keep(joined) {
		joined.leave()
		return
	}
	s.log.Info("[session_id=%s] Joined %s as %s, starting the capturer", s.session, s.room, joined.nickname)
	if err := joined.tell([][2]string{{"session_id", s.session}, {"mode", "file"}}); err != nil {
		s.failed("Error while setting fields in presence: "+err.Error(), false)
		return
	}
	if err := s.startCapture(); err != nil {
		s.failed("Ffmpeg failed to start: "+err.Error(), true)
		return
	}
	s.watch(joined)
}

// keep stores the call, unless the session was ended meanwhile.
func (s *session) keep(joined *call) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.ended {
		return false
	}
	s.call = joined
	return true
}

func (s *session) startCapture() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.ended {
		return nil
	}
	started := func() {
		s.mutex.Lock()
		s.running = true
		s.mutex.Unlock()
		s.log.Info("[session_id=%s] Ffmpeg capturer is running", s.session)
		s.tell(outcome{isOn: true})
	}
	gone := func(last string) { s.failed("Ffmpeg quit unexpectedly: "+last, false) }
	found, err := startCapture(s.command, s.file, s.lines, started, gone)
	s.capture = found
	return err
}

// watch ends the recording when nobody is left to record.
func (s *session) watch(joined *call) {
	checks := callChecks{emptyTimeout: s.emptyTimeout, mutedTimeout: s.mutedTimeout}
	for {
		select {
		case <-s.context.Done():
			return
		case now := <-time.After(checkInterval):
			participants, muted := joined.audience()
			if reason := checks.over(participants, muted, time.Now()); reason != "" {
				s.log.Info("[session_id=%s] Recurring call status checks at %s: %s", s.session, now.Format(time.TimeOnly), reason)
				s.finished(reason)
				return
			}
		}
	}
}

// lost is called when the call's connection ends.
func (s *session) lost(err error) {
	s.mutex.Lock()
	unexpected := !s.ended && s.call != nil
	s.mutex.Unlock()
	if unexpected {
		s.failed("The call's connection ended: "+err.Error(), false)
	}
}

// end stops ffmpeg, leaves the call, writes metadata.json and waits for the finalize script. Without any media the folder goes
// and the script does not run. It tells whether ffmpeg had been running.
func (s *session) end() bool {
	s.mutex.Lock()
	s.ended = true
	joined, capture, running := s.call, s.capture, s.running
	s.mutex.Unlock()
	defer s.cancel()
	if capture != nil {
		capture.stop()
	}
	_, err := os.Stat(s.file)
	if err == nil {
		if err := s.writeMetadata(joined); err != nil {
			s.log.Error("[session_id=%s] Error writing metadata: %v", s.session, err)
		}
	} else {
		s.log.Info("[session_id=%s] No media was recorded, deleting directory and skipping metadata file & finalize", s.session)
		_ = os.Remove(s.directory)
	}
	if joined != nil {
		joined.leave()
	}
	if err == nil {
		s.runFinalize()
	}
	return running
}

func (s *session) isEnded() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.ended
}

func (o outcome) String() string { return fmt.Sprintf("on=%v failure=%v", o.isOn, o.isFailure) }
