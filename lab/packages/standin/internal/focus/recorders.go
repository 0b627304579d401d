package focus

import (
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/startup"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

const (
	// failureTimeout is how long a recorder that failed gets no order. Source: JibriDetector of jicofo.
	failureTimeout = time.Minute
	// selectTimeout is how long a recorder that was chosen is not chosen again; its presence is on the way then.
	selectTimeout = 200 * time.Millisecond
)

// recorder is what jicofo knows of one occupant of the recorders' brewery.
type recorder struct {
	isAvailable        bool
	chosenAt, failedAt time.Time
}

// detector knows the recorders and picks one.
type detector struct {
	log       *startup.Log
	now       func() time.Time
	mutex     sync.Mutex
	recorders map[string]*recorder // by occupant: brewery/nickname
}

func newDetector(log *startup.Log) *detector {
	return &detector{log: log, now: time.Now, recorders: map[string]*recorder{}}
}

// update takes a recorder's presence. One that says it is available is believed, whatever failed before.
func (d *detector) update(jid string, state presence.Recorder) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	known := d.recorders[jid]
	if known == nil {
		d.log.Info("Creating a new instance for %s, available = %v", jid, state.IsAvailable())
		known = &recorder{}
		d.recorders[jid] = known
	}
	known.isAvailable = state.IsAvailable()
	if known.isAvailable {
		known.failedAt = time.Time{}
	}
}

// remove forgets a recorder; true if it was known.
func (d *detector) remove(jid string) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	_, known := d.recorders[jid]
	if known {
		d.log.Info("Removing instance %s", jid)
	}
	delete(d.recorders, jid)
	return known
}

// clear forgets all recorders and returns which there were.
func (d *detector) clear() []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	var gone []string
	for jid := range d.recorders {
		gone = append(gone, jid)
	}
	d.recorders = map[string]*recorder{}
	return gone
}

// choose picks the available recorder whose last failure is the longest ago, or "".
func (d *detector) choose() string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	now, chosen := d.now(), ""
	for jid, one := range d.recorders {
		if !one.isAvailable || now.Sub(one.chosenAt) < selectTimeout {
			continue
		}
		if chosen == "" || one.failedAt.Before(d.recorders[chosen].failedAt) {
			chosen = jid
		}
	}
	if chosen == "" || now.Sub(d.recorders[chosen].failedAt) < failureTimeout {
		return ""
	}
	d.recorders[chosen].chosenAt = now
	return chosen
}

// failed keeps a recorder from being chosen for a while.
func (d *detector) failed(jid string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if one := d.recorders[jid]; one != nil {
		d.log.Info("Instance failed: %s. Will not be selected for the next %v", jid, failureTimeout)
		one.failedAt = d.now()
	}
}

// counts are all recorders, and those that take orders.
func (d *detector) counts() (all, available int) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, one := range d.recorders {
		if one.isAvailable {
			available++
		}
	}
	return len(d.recorders), available
}

// recorderConnection is the connection that the recorders are on.
func (f *Focus) recorderConnection() *xmpp.Connection {
	if f.recordersOnService {
		return f.service
	}
	return f.client
}

// leaveRecorders forgets the recorders: their connection is gone.
func (f *Focus) leaveRecorders() {
	for _, jid := range f.recorders.clear() {
		f.recordings.offline(jid)
	}
}

// recorderMember is the focus in the brewery of recorders.
func (f *Focus) recorderMember() xmpp.Member {
	return xmpp.Member{
		Enter: func(session *xmpp.Session) { f.enter(session, f.recorderBrewery) },
		Refused: func(problem *xmpp.StanzaError) {
			f.log.Error("[brewery=%s] Cannot join: %v", f.recorderBrewery, problem)
		},
		Inside: func(isInside bool) {
			if isInside {
				f.log.Info("[brewery=%s] Joined the room.", f.recorderBrewery)
			}
		},
		Changed: func(stanza *xmpp.Element) {
			if state, ok := presence.ReadRecorder(stanza); ok {
				f.recorders.update(stanza.Attr("from"), state)
			}
		},
		Left: func(jid string) {
			if f.recorders.remove(jid) {
				f.recordings.offline(jid)
			}
		},
	}
}
