package presence

import "audio-meet/lab/packages/standin/internal/xmpp"

const (
	// NSJibri is that of a recorder's presence, of orders to it and of what jicofo says about a recording.
	NSJibri  = "http://jitsi.org/protocol/jibri"
	nsHealth = "http://jitsi.org/protocol/health"
)

// Recorder is what a recorder announces in its brewery.
type Recorder struct{ IsBusy, IsHealthy bool }

// Element writes the state as Jibri does: <jibri-status> with <busy-status/> and <health-status/>.
func (r Recorder) Element() xmpp.Element {
	return xmpp.New(NSJibri, "jibri-status").With(
		xmpp.New(NSJibri, "busy-status", "status", word(r.IsBusy, "busy", "idle")),
		xmpp.New(nsHealth, "health-status", "status", word(r.IsHealthy, "healthy", "unhealthy")),
	)
}

// IsAvailable tells whether the recorder takes orders.
func (r Recorder) IsAvailable() bool { return r.IsHealthy && !r.IsBusy }

// ReadRecorder returns the state in a presence; false if there is none. What is not said counts as busy and unhealthy.
func ReadRecorder(stanza *xmpp.Element) (Recorder, bool) {
	element := stanza.Child(NSJibri, "jibri-status")
	if element == nil {
		return Recorder{}, false
	}
	busy, health := element.Child(NSJibri, "busy-status"), element.Child(nsHealth, "health-status")
	return Recorder{
		IsBusy:    busy == nil || busy.Attr("status") != "idle",
		IsHealthy: health != nil && health.Attr("status") == "healthy",
	}, true
}

func word(value bool, yes, no string) string {
	if value {
		return yes
	}
	return no
}
