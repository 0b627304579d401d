package recorder

import "time"

// checkInterval is how often Jibri looks whether a call is still worth recording.
const checkInterval = 15 * time.Second

// lasting remembers since when something holds.
type lasting struct{ since time.Time }

// exceeded takes how things stand now and tells whether they have stood like this for longer than the limit.
func (l *lasting) exceeded(holds bool, now time.Time, limit time.Duration) bool {
	if !holds {
		l.since = time.Time{}
		return false
	}
	if l.since.IsZero() {
		l.since = now
	}
	return now.Sub(l.since) > limit
}

// callChecks are those of Jibri's checks that need no media: nobody is left, or everybody is muted.
type callChecks struct {
	emptyTimeout, mutedTimeout time.Duration
	empty, muted               lasting
}

// over is why the recording ends by itself, or "".
func (c *callChecks) over(participants, muted int, now time.Time) string {
	if c.empty.exceeded(participants == 0, now, c.emptyTimeout) {
		return "the call has been empty for " + c.emptyTimeout.String()
	}
	if c.muted.exceeded(participants == muted, now, c.mutedTimeout) {
		return "everybody has been muted for " + c.mutedTimeout.String()
	}
	return ""
}
