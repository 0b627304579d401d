package focus

import (
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// bridgeMember is the focus in the brewery, where bridges announce themselves.
func (f *Focus) bridgeMember() xmpp.Member {
	return xmpp.Member{
		Enter: func(session *xmpp.Session) { f.enter(session, f.brewery) },
		Refused: func(problem *xmpp.StanzaError) {
			f.log.Error("[brewery=%s] Cannot join: %v", f.brewery, problem)
		},
		Inside: func(isInside bool) {
			f.mutex.Lock()
			first := !f.inBrewery
			f.inBrewery = isInside
			f.mutex.Unlock()
			if first {
				f.log.Info("[brewery=%s] Joined the room.", f.brewery)
			}
		},
		Changed: func(stanza *xmpp.Element) {
			jid := stanza.Attr("from")
			if stats := presence.ReadStats(stanza); stats != nil {
				told := f.bridges.update(jid, stats, presence.ReadEndpoints(stanza))
				f.rehome(told.leaving, jid)
				if told.isNew {
					go f.bridgeAppeared(jid)
				}
			}
		},
		Left: func(jid string) { f.rehome(f.bridges.remove(jid), jid) },
	}
}

// quickReturn is how short a loss of the connection must be for the new join to fail before it succeeds. Seen with the real
// one: after 0.2 s it failed, after 4 s it hung for the reply timeout and then succeeded.
const quickReturn = 2 * time.Second

// enterBrewery joins at the first login. After a loss within the reply timeout it first forgets its bridges, which ends the
// session of everybody on them. The new join waits for an answer to the leaving of the old room, which never comes: that takes
// the reply timeout. After a very short loss the join itself fails by that and is tried once more after another reply timeout.
// (BaseBrewery of jicofo since its change 1297, 2026-08-03. Before, it never tried again: that is what
// STANDIN_LOSES_BREWERY=1 in the environment brings back.)
func (f *Focus) enterBrewery(session *xmpp.Session) {
	if f.brewery == "" {
		f.log.Error("No bridge.brewery-jid configured: no bridge will be found")
		return
	}
	f.mutex.Lock()
	lostAt := f.offlineFrom
	f.hasLeft = false
	f.mutex.Unlock()
	timeout := f.breweryTimeout()
	away := time.Since(lostAt)
	if lostAt.IsZero() || away >= timeout {
		f.enter(session, f.brewery)
		return
	}
	f.log.Info("[brewery=%s] Left the room.", f.brewery)
	f.silence(f.bridges.clear())
	time.AfterFunc(timeout, func() {
		switch {
		case f.breweryConnection().Session() != session: // lost again meanwhile
		case away >= quickReturn:
			f.enter(session, f.brewery)
		default:
			f.failToEnter(session, timeout)
		}
	})
}

func (f *Focus) failToEnter(session *xmpp.Session, timeout time.Duration) {
	f.log.Error("[31] [brewery=%s] BaseBrewery.start#203: Failed to create room.\n"+
		"org.jivesoftware.smack.SmackException$NoResponseException: No response received within reply timeout. "+
		"Timeout was %dms (~%.0fs).", f.brewery, timeout.Milliseconds(), timeout.Seconds())
	if f.losesBrewery {
		return
	}
	time.AfterFunc(timeout, func() {
		if f.breweryConnection().Session() == session {
			f.enter(session, f.brewery)
		}
	})
}

func (f *Focus) breweryTimeout() time.Duration {
	if f.breweryOnService {
		return f.settings.service.replyTimeout
	}
	return f.settings.client.replyTimeout
}

// leaveBrewery forgets the bridges if the connection stays away for the reply timeout. Nobody's session is ended then: the
// order to do so fails on the lost connection. Audio runs on, and jicofo knows of none of it, also later.
func (f *Focus) leaveBrewery() {
	f.mutex.Lock()
	lostAt := time.Now()
	f.inBrewery, f.offlineFrom = false, lostAt
	f.mutex.Unlock()
	time.AfterFunc(f.breweryTimeout(), func() {
		f.mutex.Lock()
		gone := f.offlineFrom.Equal(lostAt) && f.breweryConnection().Session() == nil
		f.mutex.Unlock()
		if gone {
			forgotten := f.bridges.clear()
			f.mutex.Lock()
			f.audible, f.hasLeft = f.audible.Plus(forgotten), true
			f.mutex.Unlock()
		}
	})
}

// resumeBrewery: the stream goes on, and with it the stay in the brewery, unless jicofo has given it up by then.
func (f *Focus) resumeBrewery(session *xmpp.Session) {
	f.mutex.Lock()
	hadLeft := f.hasLeft
	f.inBrewery, f.offlineFrom, f.hasLeft = !hadLeft, time.Time{}, false
	f.mutex.Unlock()
	if hadLeft {
		f.enter(session, f.brewery)
	}
}

// runsOn tells whether the clients of a conference still send, although jicofo has forgotten on which bridges they are.
func (f *Focus) runsOn(conference string) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.audible[conference] > 0
}

// askIn asks a brewery to let the focus in.
func (f *Focus) askIn(session *xmpp.Session, brewery string) {
	if err := session.JoinRoom(brewery, nickname); err != nil {
		f.log.Warn("[brewery=%s] Cannot join: %v", brewery, err)
	}
}
