package recorder

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// stopTimeout is how long Jibri gives ffmpeg to end before it kills it.
const stopTimeout = 10 * time.Second

// progress is a line of name=value pairs, with or without a picture in it: how Jibri knows that ffmpeg works.
var progress = regexp.MustCompile(`^(\s*\S+\s*=\s*\S+)+\s*$`)

// capture is one run of ffmpeg.
type capture struct {
	command *exec.Cmd
	ended   chan struct{}
	stopped atomic.Bool // we asked it to end
}

// startCapture runs ffmpeg with the file as its last argument. running is called at the first line of progress, failed when
// it ends although nobody asked; lines are what it prints.
func startCapture(command []string, file string, lines io.Writer, running func(), failed func(last string)) (*capture, error) {
	if len(command) == 0 {
		return nil, errors.New("jibri.ffmpeg.command-linux-recording is empty")
	}
	argv := append(append([]string{}, command[1:]...), file)
	c := &capture{command: exec.Command(command[0], argv...), ended: make(chan struct{})}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.command.Stdout, c.command.Stderr = writer, writer
	err = c.command.Start()
	_ = writer.Close()
	if err != nil {
		_ = reader.Close()
		return nil, err
	}
	go c.follow(reader, lines, running, failed)
	return c, nil
}

func (c *capture) follow(output io.ReadCloser, lines io.Writer, running func(), failed func(last string)) {
	last, isRunning := "", false
	scanner := bufio.NewScanner(output)
	scanner.Split(splitLines)
	for scanner.Scan() {
		line := scanner.Text()
		if strings.TrimSpace(line) == "" {
			continue
		}
		last = line
		_, _ = io.WriteString(lines, line+"\n")
		if !isRunning && progress.MatchString(line) {
			isRunning = true
			running()
		}
	}
	_ = output.Close()
	_ = c.command.Wait()
	close(c.ended)
	if !c.stopped.Load() {
		failed(last)
	}
}

// stop asks ffmpeg to finish its file, and kills it if it does not.
func (c *capture) stop() {
	c.stopped.Store(true)
	_ = c.command.Process.Signal(syscall.SIGINT)
	select {
	case <-c.ended:
	case <-time.After(stopTimeout):
		_ = c.command.Process.Kill()
		<-c.ended
	}
}

// splitLines ends a line at \n and at \r, with which ffmpeg writes one line of progress over the other.
func splitLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	for at, one := range data {
		if one == '\n' || one == '\r' {
			return at + 1, data[:at], nil
		}
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
