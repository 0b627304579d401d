package focus

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

// room is one conference that the focus has joined or is joining.
type room struct {
	joined    chan struct{} // closed once the focus is in, or has failed
	isJoined  bool
	occupants map[string]member // everybody but the focus
	order     []string          // their nicknames in the order of their coming
}

// rooms are the conferences; a room nobody is in any more is left.
type rooms struct {
	focus    *Focus
	requests atomic.Int64
	fresh    atomic.Int64
	mutex    sync.Mutex
	open     map[string]*room
}

func newRooms(f *Focus) *rooms { return &rooms{focus: f, open: map[string]*room{}} }

// forget drops all conferences; false if there was none.
func (r *rooms) forget() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	had := len(r.open) > 0
	r.open = map[string]*room{}
	return had
}

// request joins a room unless that is done, and tells whether the focus is in it.
func (r *rooms) request(name string) bool {
	r.requests.Add(1)
	session := r.focus.client.Session()
	if session == nil {
		return false
	}
	r.mutex.Lock()
	conference := r.open[name]
	isNew := conference == nil
	if isNew {
		r.fresh.Add(1)
		conference = &room{joined: make(chan struct{}), occupants: map[string]member{}}
		r.open[name] = conference
	}
	r.mutex.Unlock()
	if isNew {
		go r.focus.conferenceRequested(name)
		if err := session.JoinRoom(name, nickname); err != nil {
			r.focus.log.Error("[room=%s] Cannot join: %v", name, err)
		}
	}
	select {
	case <-conference.joined:
	case <-time.After(r.focus.settings.client.replyTimeout):
		r.focus.log.Error("[room=%s] No answer to the join", name)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if !conference.isJoined && r.open[name] == conference {
		delete(r.open, name)
	}
	return conference.isJoined
}

// presence follows who is in the rooms.
func (r *rooms) presence(session *xmpp.Session, stanza *xmpp.Element) {
	name, nick := xmpp.Bare(stanza.Attr("from")), xmpp.Resource(stanza.Attr("from"))
	own, created := xmpp.IsOwn(stanza)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	conference := r.open[name]
	if conference == nil {
		return
	}
	switch kind := stanza.Attr("type"); {
	case kind == "error" && !conference.isJoined:
		r.focus.log.Error("[room=%s] Cannot join: %v", name, xmpp.Problem(stanza))
		delete(r.open, name)
		close(conference.joined)
	case own && kind == "unavailable":
		delete(r.open, name)
	case own && !conference.isJoined:
		r.entered(session, name, conference, created)
	case own:
	case kind == "unavailable":
		delete(conference.occupants, nick)
		conference.order = slices.DeleteFunc(conference.order, func(name string) bool { return name == nick })
		r.promoteLocked(session, name)
		if len(conference.occupants) == 0 {
			r.leave(session, name)
		}
	case kind == "":
		if _, known := conference.occupants[nick]; !known {
			conference.order = append(conference.order, nick)
		}
		occupant := memberOf(stanza)
		occupant.isInvited = conference.occupants[nick].isInvited
		conference.occupants[nick] = occupant
		r.promoteLocked(session, name)
		go r.focus.inviteAll(session, name)
	}
}

func (r *rooms) entered(session *xmpp.Session, name string, conference *room, created bool) {
	r.focus.log.Info("[room=%s] Joined the room.", name)
	conference.isJoined = true
	go func() {
		if created {
			if err := session.UnlockRoom(name); err != nil {
				r.focus.log.Error("[room=%s] Cannot configure: %v", name, err)
			}
		}
		close(conference.joined)
		r.focus.inviteAll(session, name)
	}()
	time.AfterFunc(r.focus.initialTimeout, func() {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		if r.open[name] == conference && len(conference.occupants) == 0 {
			r.leave(session, name)
		}
	})
}

// roleOf is the role of an occupant, "" if there is no such one; false without such a conference.
func (r *rooms) roleOf(name, nick string) (role string, exists bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	conference := r.open[name]
	if conference == nil {
		return "", false
	}
	return conference.occupants[nick].role, true
}

// exists tells whether the focus is in a room, or on its way.
func (r *rooms) exists(name string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.open[name] != nil
}

// promote looks again for members to make owners, after a login.
func (r *rooms) promote(name string) {
	if session := r.focus.client.Session(); session != nil {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.promoteLocked(session, name)
	}
}

// promoteLocked makes those members owners who should be and are not; the caller holds the lock.
func (r *rooms) promoteLocked(session *xmpp.Session, name string) {
	conference := r.open[name]
	if conference == nil || !conference.isJoined {
		return
	}
	members := make([]member, 0, len(conference.order))
	for _, nick := range conference.order {
		members = append(members, conference.occupants[nick])
	}
	if chosen := r.focus.owners(members); len(chosen) > 0 {
		go r.focus.grant(session, name, chosen)
	}
}

// leave ends a conference; the caller holds the lock.
func (r *rooms) leave(session *xmpp.Session, name string) {
	r.focus.log.Info("[room=%s] Nobody is left, stopping the conference.", name)
	delete(r.open, name)
	r.focus.logins.ended(name)
	r.focus.recordings.end(name, "")
	r.focus.visitors.end(name)
	_ = session.Send(xmpp.New("", "presence", "type", "unavailable", "to", name+"/"+nickname))
}

// sizes returns the number of occupants, without the focus, of each conference.
func (r *rooms) sizes() map[string]int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	sizes := map[string]int{}
	for name, conference := range r.open {
		if conference.isJoined {
			sizes[name] = len(conference.occupants)
		}
	}
	return sizes
}
