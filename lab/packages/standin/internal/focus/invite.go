package focus

import (
	"context"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// orphanLife is how long endpoints that no jicofo knows stay on a bridge: 60 s without media, found by a sweep each minute.
// Clients of the page are gone by then, since the focus left their room; measured with the real ones: about 75 s.
const orphanLife = 75 * time.Second

// waiting are endpoints whose session was ended while there was no bridge to invite them to: they hear nothing.
type waiting struct {
	mutex     sync.Mutex
	endpoints presence.Endpoints
}

func (w *waiting) add(endpoints presence.Endpoints) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.endpoints = w.endpoints.Plus(endpoints)
}

func (w *waiting) take() presence.Endpoints {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	all := w.endpoints
	w.endpoints = nil
	return all
}

// silence ends the sessions of endpoints for which there is no bridge. They are invited once one appears.
func (f *Focus) silence(endpoints presence.Endpoints) {
	if endpoints.Total() == 0 {
		return
	}
	f.cut.Add(int64(endpoints.Total()))
	f.log.Warn("There are no operational bridges. Cannot re-invite %d endpoints", endpoints.Total())
	for conference, count := range endpoints {
		f.log.Error("[47] [room=%s] ParticipantInviteRunnable.doInviteOrReinvite#224: "+
			"Can not invite participant, no bridge available. (%d endpoints)", conference, count)
	}
	f.silent.add(endpoints)
}

// bridgeAppeared invites whoever waits for a bridge. The real jicofo does so when a bridge is added, and at no other time.
// What the bridge carries is nothing that jicofo knows of; its clients have gone or go, so that it ends by itself.
func (f *Focus) bridgeAppeared(jid string) {
	time.AfterFunc(orphanLife, func() {
		f.expireOrphans(func(bridge, conference string) bool { return bridge == jid && !f.runsOn(conference) })
	})
	endpoints := f.silent.take()
	if endpoints.Total() == 0 {
		return
	}
	f.log.Info("New bridge available, will try to restart: %s", jid)
	for conference, count := range endpoints {
		f.invite(conference, count)
	}
}

// conferenceRequested invites the participants of a conference that is new to jicofo and is on a bridge all the same:
// what was there is found out by the error that the bridge answers with, and ended.
func (f *Focus) conferenceRequested(conference string) {
	if count := f.expireOrphans(of(conference)); count > 0 {
		f.log.Error("[51] [room=%s] ParticipantInviteRunnable.doInviteOrReinvite#236: Failed to allocate colibri channels: "+
			"Colibri error: conflict, Local endpoint already created", conference)
		f.invite(conference, count)
	}
}

func of(conference string) func(bridge, name string) bool {
	return func(_, name string) bool { return name == conference }
}

// expireOrphans ends endpoints that jicofo does not know of, those that are meant, and returns how many there were.
func (f *Focus) expireOrphans(meant func(bridge, conference string) bool) int {
	total := 0
	for jid, endpoints := range f.bridges.adopt(meant) {
		if f.tell(jid, endpoints.Negative()) {
			total += endpoints.Total()
		}
	}
	return total
}

// invite puts endpoints of a conference on the bridge that the selector picks.
func (f *Focus) invite(conference string, count int) {
	f.expireOrphans(of(conference))
	endpoints := presence.Endpoints{conference: count}
	target, found := f.bridges.pick("")
	if !found || !f.tell(target.jid, endpoints) {
		f.silence(endpoints)
		return
	}
	f.log.Info("[room=%s] Invited %d endpoints to %s", conference, count, target.jid)
}

// tell changes what a bridge carries; false if the bridge did not answer that it did.
func (f *Focus) tell(jid string, changes presence.Endpoints) bool {
	session := f.breweryConnection().Session()
	if session == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), f.breweryTimeout())
	defer cancel()
	_, err := session.Query(ctx, "set", jid, changes.Element())
	if err != nil {
		f.log.Warn("Received error response from %s: %v", jid, err)
	}
	return err == nil
}

// rehome puts endpoints whose bridge is gone, or about to go, on another one.
func (f *Focus) rehome(endpoints presence.Endpoints, from string) {
	if endpoints.Total() == 0 {
		return
	}
	go func() {
		target, found := f.bridges.pick(from)
		if !found || target.jid == from || !f.tell(target.jid, endpoints) {
			f.silence(endpoints)
			return
		}
		if _, stillThere := f.find(from); stillThere == nil {
			f.tell(from, endpoints.Negative())
		}
		f.log.Info("Re-invited %d endpoints of %s to %s", endpoints.Total(), from, target.jid)
	}()
}

// expireAll ends every conference that jicofo has on a bridge, as it does on its orderly way down. Killed, it does not.
func (f *Focus) expireAll() {
	session := f.breweryConnection().Session()
	if session == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, b := range f.bridges.snapshot() {
		if own := b.own(); own.Total() > 0 {
			f.log.Info("Expiring what is on %s", b.jid)
			order := own.Negative().Element()
			order.Attrs = append(order.Attrs, attribute("expire", "true"))
			_, _ = session.Query(ctx, "set", b.jid, order)
		}
	}
}

// leaveAll tells every conference that the focus leaves: its participants see that, and the page begins anew.
func (r *rooms) leaveAll() {
	session := r.focus.client.Session()
	if session == nil {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for name := range r.open {
		_ = session.Send(xmpp.New("", "presence", "type", "unavailable", "to", name+"/"+nickname))
	}
	r.open = map[string]*room{}
}
