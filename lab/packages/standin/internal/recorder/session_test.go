package recorder

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"audio-meet/lab/packages/standin/internal/startup"
)

// script writes a program that stands in for ffmpeg, or for the finalize script.
func script(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// encoder prints progress as ffmpeg does, with carriage returns, and ends its file at the signal that Jibri sends.
const encoder = `trap 'echo end >>"$1"; echo; echo "Exiting normally, received signal 2."; exit 0' INT
echo "Input #0, pulse"; echo begin >"$1"
while :; do printf 'size=       4KiB time=00:00:01.00 bitrate= 128.0kbits/s speed=   1x    \r'; sleep 0.05; done`

func newSession(t *testing.T, ffmpeg, finalize string) (*session, chan outcome, chan string) {
	t.Helper()
	told, failures := make(chan outcome, 4), make(chan string, 4)
	s := &session{
		settings:    settings{recordings: t.TempDir(), extension: "mp4", command: []string{ffmpeg}, finalize: finalize},
		order:       order{room: "hall@conference.meet.test", session: "a/b.1", appData: map[string]any{"x": "y"}, tell: func(o outcome) { told <- o }},
		environment: &environment{domain: "meet.test", baseURL: "https://meet.test", strip: "conference."},
		log:         &startup.Log{Program: "test"}, lines: io.Discard,
		failed: func(reason string, _ bool) { failures <- reason },
	}
	if err := s.prepare(time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.directory, 0o755); err != nil {
		t.Fatal(err)
	}
	return s, told, failures
}

func TestARecordingIsFinishedAndHandedOver(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "called")
	s, told, failures := newSession(t, script(t, encoder), script(t, `echo "$#:$1" >`+marker+`; exit 3`))
	if err := s.startCapture(); err != nil {
		t.Fatal(err)
	}
	select {
	case o := <-told:
		if !o.isOn {
			t.Fatalf("told %v", o)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("ffmpeg runs and nobody is told")
	}
	if !s.end() {
		t.Error("forgot that it was running")
	}
	media, err := os.ReadFile(filepath.Join(s.recordings, "a_b_1", "hall_2026-01-02-03-04-05.mp4"))
	if err != nil || string(media) != "begin\nend\n" {
		t.Errorf("file %q %v", media, err)
	}
	var metadata map[string]any
	text, _ := os.ReadFile(filepath.Join(s.directory, "metadata.json"))
	if err := json.Unmarshal(text, &metadata); err != nil || metadata["meeting_url"] != "https://meet.test/hall" || metadata["x"] != "y" {
		t.Errorf("metadata %s %v", text, err)
	}
	if !strings.Contains(string(text), `"participants":[]`) {
		t.Errorf("metadata %s", text)
	}
	if called, _ := os.ReadFile(marker); string(called) != "1:"+s.directory+"\n" {
		t.Errorf("finalize was called with %q", called)
	}
	if len(failures) > 0 {
		t.Errorf("failed: %s", <-failures)
	}
}

func TestFfmpegThatDies(t *testing.T) {
	s, _, failures := newSession(t, script(t, "echo no such device; exit 1"), "/bin/false")
	if err := s.startCapture(); err != nil {
		t.Fatal(err)
	}
	select {
	case reason := <-failures:
		if !strings.Contains(reason, "no such device") {
			t.Error(reason)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("nobody noticed")
	}
	s.end()
	if _, err := os.Stat(s.directory); !os.IsNotExist(err) {
		t.Errorf("a folder without media stays: %v", err)
	}
}

func TestALongName(t *testing.T) {
	s, _, _ := newSession(t, "/bin/true", "/bin/true")
	s.room = strings.Repeat("ä", 300) + "@conference.meet.test"
	if err := s.prepare(time.Now()); err != nil {
		t.Fatal(err)
	}
	if name := []rune(filepath.Base(s.file)); len(name) != longestName || !strings.HasSuffix(s.file, ".mp4") {
		t.Errorf("%d characters: %s", len(name), s.file)
	}
}

func TestChecks(t *testing.T) {
	now := time.Now()
	checks := callChecks{emptyTimeout: 30 * time.Second, mutedTimeout: time.Minute}
	for _, c := range []struct {
		seconds, participants, muted int
		isOver                       bool
	}{
		{0, 0, 0, false}, {25, 2, 1, false}, {30, 0, 0, false}, {59, 0, 0, false}, {61, 0, 0, true},
		{62, 2, 1, false}, {70, 2, 2, false}, {129, 2, 2, false}, {131, 2, 2, true},
	} {
		reason := checks.over(c.participants, c.muted, now.Add(time.Duration(c.seconds)*time.Second))
		if (reason != "") != c.isOver {
			t.Errorf("after %d s: %q", c.seconds, reason)
		}
	}
}
