package focus

import (
	"sync"
	"sync/atomic"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// recordings are the sessions with recorders: at most one for each conference.
type recordings struct {
	focus    *Focus
	failures atomic.Int64
	mutex    sync.Mutex
	byRoom   map[string]*recording
}

func newRecordings(f *Focus) *recordings {
	return &recordings{focus: f, byRoom: map[string]*recording{}}
}

// answer is the reply to a query about recordings: a moderator's order, or news from a recorder.
func (r *recordings) answer(query, request *xmpp.Element) xmpp.Element {
	from := query.Attr("from")
	if one := r.ofRecorder(from); one != nil {
		status := request.Attr("status")
		go r.changed(one, from, status, request.Attr("failure_reason"), request.Attr("should_retry") == "true")
		return xmpp.Answer(query)
	}
	room := xmpp.Bare(from)
	role, exists := r.focus.rooms.roleOf(room, xmpp.Resource(from))
	switch {
	case !exists:
		r.focus.log.Warn("Jibri IQ not accepted by any conference: %s", query)
		return xmpp.Refuse(query, "cancel", "item-not-found", "")
	case role == "":
		return xmpp.Refuse(query, "auth", "forbidden", "")
	case role != "moderator":
		r.focus.log.Warn("Ignored Jibri request from non-moderator.")
		return xmpp.Refuse(query, "cancel", "not-allowed", "")
	}
	switch request.Attr("action") {
	case "start":
		return r.start(query, request, room)
	case "stop":
		return r.stop(query, room)
	}
	return xmpp.Refuse(query, "modify", "bad-request", "undefined action")
}

func (r *recordings) start(query, request *xmpp.Element, room string) xmpp.Element {
	if request.Attr("recording_mode") != "file" || request.Attr("streamid") != "" {
		return xmpp.Refuse(query, "modify", "bad-request", "Stream ID is empty or undefined")
	}
	one := &recording{room: room, id: newSessionID(), appData: request.Attr("app_data"), initiator: query.Attr("from")}
	r.mutex.Lock()
	_, known := r.byRoom[room]
	if !known {
		r.byRoom[room] = one
	}
	r.mutex.Unlock()
	if known {
		return xmpp.Refuse(query, "wait", "unexpected-request", "Recording or live streaming is already enabled")
	}
	switch err := r.begin(one); err {
	case nil:
		return xmpp.Answer(query, xmpp.New(presence.NSJibri, "jibri", "session_id", one.id))
	case errAllBusy:
		r.forget(one)
		return xmpp.Refuse(query, "wait", "resource-constraint", err.Error())
	case errNone:
		r.forget(one)
		return xmpp.Refuse(query, "cancel", "service-unavailable", err.Error())
	default:
		r.forget(one)
		return xmpp.Refuse(query, "cancel", "internal-server-error", err.Error())
	}
}

// stop ends a conference's recording at once, whatever the recorder says to it later.
func (r *recordings) stop(query *xmpp.Element, room string) xmpp.Element {
	if !r.end(room, query.Attr("from")) {
		return xmpp.Refuse(query, "cancel", "item-not-found", "Unknown session")
	}
	return xmpp.Answer(query)
}

// end stops the recording of a room; terminator is who wanted that, or "" for the end of the conference.
func (r *recordings) end(room, terminator string) bool {
	r.mutex.Lock()
	one := r.byRoom[room]
	jid := ""
	if one != nil {
		jid, one.terminator = one.recorder, terminator
	}
	r.mutex.Unlock()
	if one == nil {
		return false
	}
	if jid != "" {
		r.send(jid, "stop", one.id)
	}
	r.publish(one, "off", "")
	r.forget(one)
	return true
}

// offline is called for a recorder that has left the brewery.
func (r *recordings) offline(jid string) {
	if one := r.ofRecorder(jid); one != nil {
		go r.changed(one, jid, "off", "error", true)
	}
}

func (r *recordings) ofRecorder(jid string) *recording {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, one := range r.byRoom {
		if one.recorder == jid {
			return one
		}
	}
	return nil
}

func (r *recordings) forget(one *recording) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if one.timeout != nil {
		one.timeout.Stop()
	}
	one.recorder = ""
	if r.byRoom[one.room] == one {
		delete(r.byRoom, one.room)
	}
}

// active counts the recordings that are on.
func (r *recordings) active() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	count := 0
	for _, one := range r.byRoom {
		if one.status == "on" {
			count++
		}
	}
	return count
}

// newSessionID is a random UUID, as jicofo names a recording's session.
func newSessionID() string {
	id := newID()
	return id[:8] + "-" + id[8:12] + "-4" + id[13:16] + "-8" + id[17:20] + "-" + id[20:]
}
