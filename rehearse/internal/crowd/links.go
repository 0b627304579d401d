package crowd

import (
	"sync"

	"github.com/pion/rtp"
)

// carrier is a link to a bridge.
type carrier interface {
	Send(packet *rtp.Packet) error
	SendControl(packet []byte) error
	Close()
}

// mostLinks: what nobody ends after a bridge that vanished does not pile up.
const mostLinks = 2

type link struct {
	session string
	carrier carrier
}

// links are a participant's sessions with bridges. While jicofo moves somebody there are two, as in a browser: what the old one
// brings is heard until the old one is ended, by its own name.
type links struct {
	mutex sync.Mutex
	held  []link
}

// add takes the link of a new session beside those that are there.
func (l *links) add(session string, carrier carrier) {
	l.mutex.Lock()
	l.held = append(l.held, link{session, carrier})
	var oldest []link
	if over := len(l.held) - mostLinks; over > 0 {
		oldest, l.held = l.held[:over:over], l.held[over:]
	}
	l.mutex.Unlock()
	closeAll(oldest)
}

// end ends one session and no other.
func (l *links) end(session string) {
	l.mutex.Lock()
	var ended, kept []link
	for _, each := range l.held {
		if each.session == session {
			ended = append(ended, each)
		} else {
			kept = append(kept, each)
		}
	}
	l.held = kept
	l.mutex.Unlock()
	closeAll(ended)
}

func (l *links) endAll() {
	l.mutex.Lock()
	ended := l.held
	l.held = nil
	l.mutex.Unlock()
	closeAll(ended)
}

// all are the links of now, the oldest first.
func (l *links) all() []carrier {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	carriers := make([]carrier, len(l.held))
	for at, each := range l.held {
		carriers[at] = each.carrier
	}
	return carriers
}

func (l *links) any() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return len(l.held) > 0
}

// send has every bridge hear a packet: who moves is heard by those who have moved and by those who have not. False: none took it.
func (l *links) send(packet *rtp.Packet) bool {
	sent := false
	for _, each := range l.all() {
		sent = each.Send(packet) == nil || sent
	}
	return sent
}

func closeAll(ended []link) {
	for _, each := range ended {
		each.carrier.Close()
	}
}
