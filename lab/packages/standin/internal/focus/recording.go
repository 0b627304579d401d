package focus

import (
	"context"
	"errors"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

var (
	errAllBusy    = errors.New("all Jibris are busy")
	errNone       = errors.New("no Jibris available")
	errUnexpected = errors.New("Unexpected response")
)

// recording is one session of a conference with a recorder; another recorder takes it over if the first fails.
type recording struct {
	room, id, appData     string
	initiator, terminator string
	recorder              string // occupant of the brewery, or "" once the session is over
	status                string // pending, on or off
	retries               int
	timeout               *time.Timer
}

// begin orders a recorder to record; on failure the next one, as often as num-retries allows.
func (r *recordings) begin(one *recording) error {
	for {
		jid := r.focus.recorders.choose()
		if jid == "" {
			if all, _ := r.focus.recorders.counts(); all > 0 {
				return errAllBusy
			}
			return errNone
		}
		err := r.order(one, jid)
		if err == nil {
			return nil
		}
		r.focus.log.Error("[room=%s] Failed to start %s: %v", one.room, jid, err)
		r.focus.recorders.failed(jid)
		if r.exhausted(one) {
			return err
		}
	}
}

// exhausted counts a retry and tells whether there were too many.
func (r *recordings) exhausted(one *recording) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	one.retries++
	return r.focus.recorderRetries >= 0 && one.retries > r.focus.recorderRetries
}

// order asks one recorder and waits for its answer, which is "pending".
func (r *recordings) order(one *recording, jid string) error {
	session := r.focus.recorderConnection().Session()
	if session == nil {
		return errUnexpected
	}
	r.mutex.Lock()
	one.recorder, one.status = jid, "pending"
	r.awaitLocked(one)
	r.mutex.Unlock()
	request := xmpp.New(presence.NSJibri, "jibri", "action", "start", "recording_mode", "file", "room", one.room,
		"session_id", one.id)
	if one.appData != "" {
		request.Attrs = append(request.Attrs, attribute("app_data", one.appData))
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.focus.settings.client.replyTimeout)
	defer cancel()
	r.focus.log.Info("[room=%s] Starting Jibri %s", one.room, jid)
	answer, err := session.Query(ctx, "set", jid, request)
	if err != nil {
		_ = session.Send(r.stanza(jid, "stop", one.id))
		return err
	}
	reply := answer.Child(presence.NSJibri, "jibri")
	if reply == nil || reply.Attr("status") != "pending" {
		return errUnexpected
	}
	return nil
}

// awaitLocked gives a recorder the pending timeout to begin; the caller holds the lock.
func (r *recordings) awaitLocked(one *recording) {
	if one.timeout != nil {
		one.timeout.Stop()
	}
	if r.focus.pendingTimeout <= 0 {
		return
	}
	jid := one.recorder
	one.timeout = time.AfterFunc(r.focus.pendingTimeout, func() {
		r.mutex.Lock()
		late := one.recorder == jid && one.status == "pending"
		r.mutex.Unlock()
		if late {
			r.focus.log.Error("[room=%s] Jibri pending timeout!", one.room)
			r.send(jid, "stop", one.id)
			r.changed(one, jid, "off", "error", true)
		}
	})
}

// changed takes what a recorder says about itself, or what its absence says.
func (r *recordings) changed(one *recording, jid, status, failure string, mayRetry bool) {
	r.mutex.Lock()
	if one.recorder != jid {
		r.mutex.Unlock()
		return
	}
	one.status = status
	if status != "pending" && one.timeout != nil {
		one.timeout.Stop()
	}
	r.mutex.Unlock()
	r.focus.log.Info("[room=%s] Got Jibri status update: Jibri %s has status %s and failure reason %q", one.room, jid, status, failure)
	switch {
	case failure != "":
		if mayRetry && !r.exhausted(one) {
			r.focus.log.Info("[room=%s] Jibri failed, trying to fall back to another Jibri", one.room)
			if r.begin(one) == nil {
				return
			}
		}
		r.failures.Add(1)
		r.publish(one, status, failure)
		r.forget(one)
	case status == "off":
		r.publish(one, status, "")
		r.forget(one)
	case status == "on":
		r.publish(one, status, "")
	}
}

// publish tells the conference, in the focus's own presence.
func (r *recordings) publish(one *recording, status, failure string) {
	element := xmpp.New(presence.NSJibri, "jibri-recording-status", "status", status, "session_id", one.id,
		"recording_mode", "file")
	by := map[string]string{"on": one.initiator, "off": one.terminator}[status]
	if by != "" {
		element.Attrs = append(element.Attrs, attribute("initiator", by))
	}
	if failure != "" {
		element.Attrs = append(element.Attrs, attribute("failure_reason", failure))
	}
	if session := r.focus.client.Session(); session != nil {
		r.focus.log.Info("Publishing new jibri-recording-status: %s in: %s", element, one.room)
		_ = session.Send(xmpp.RoomPresence(one.room, nickname, element))
	}
}

// send orders a recorder without waiting for its answer.
func (r *recordings) send(jid, action, id string) {
	if session := r.focus.recorderConnection().Session(); session != nil {
		_ = session.Send(r.stanza(jid, action, id))
	}
}

func (r *recordings) stanza(jid, action, id string) xmpp.Element {
	order := xmpp.New(presence.NSJibri, "jibri", "action", action, "session_id", id)
	return xmpp.New("", "iq", "type", "set", "id", "r"+newID(), "to", jid).With(order)
}
