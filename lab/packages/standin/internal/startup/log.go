package startup

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// Log writes lines in the shape of the real daemons' logs to standard output, which the unit or init script
// appends to the file below /var/log/jitsi.
type Log struct {
	Program string // JVB or Jicofo
	mutex   sync.Mutex
}

func (l *Log) write(level, format string, args ...any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	stamp := time.Now().Format("2006-01-02 15:04:05.000")
	_, _ = fmt.Fprintf(os.Stdout, "%s %s %s: %s\n", l.Program, stamp, level, fmt.Sprintf(format, args...))
}

// Info writes a line of level INFO.
func (l *Log) Info(format string, args ...any) { l.write("INFO", format, args...) }

// Warn writes a line of level WARNING.
func (l *Log) Warn(format string, args ...any) { l.write("WARNING", format, args...) }

// Error writes a line of level SEVERE.
func (l *Log) Error(format string, args ...any) { l.write("SEVERE", format, args...) }
