package focus

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/hocon"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// jwtLifetime is how long a login by token lasts, whatever the configuration says.
const jwtLifetime = time.Minute

// authentication is the block jicofo.authentication.
type authentication struct {
	enabled   bool
	external  bool // by token: the page gets no address to log in at
	domain    string
	lifetime  time.Duration
	autoLogin bool // a login survives the conference that it was made for
}

func readAuthentication(c *hocon.Config) authentication {
	const base = "jicofo.authentication."
	a := authentication{
		domain:    c.String(base+"login-url", ""),
		lifetime:  c.Duration(base+"authentication-lifetime", 24*time.Hour),
		autoLogin: c.Bool(base+"enable-auto-login", true),
	}
	kind := strings.ToUpper(c.String(base+"type", "NONE"))
	a.enabled = c.Bool(base+"enabled", false) && kind != "NONE"
	if kind == "JWT" {
		a.external, a.autoLogin, a.lifetime = true, false, jwtLifetime
	}
	return a
}

// authenticated is somebody who has shown once that they have an account at the login domain.
type authenticated struct {
	id, machine, identity, room string
	jid                         string // whoever used the login last
	active                      time.Time
}

// question is what a request for a conference says about who asks. jid is empty over HTTP.
type question struct{ room, jid, session, machine string }

// verdict is the answer to it: a login to tell the asker about, or a condition and text to refuse with.
type verdict struct {
	login           *authenticated
	condition, text string
}

// logins are the authentication sessions, as jicofo keeps them in memory.
type logins struct {
	authentication
	now   func() time.Time
	mutex sync.Mutex
	byID  map[string]*authenticated
}

func newLogins(a authentication) *logins {
	return &logins{authentication: a, now: time.Now, byID: map[string]*authenticated{}}
}

// judge follows jicofo: an unknown login or one of another machine is refused, an address of the login domain makes a
// login, and only who has one may open a room that is not there yet.
func (l *logins) judge(q question, roomExists bool) verdict {
	if !l.enabled {
		return verdict{}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.expire()
	login := l.byID[q.session]
	switch {
	case q.session != "" && login == nil:
		return verdict{condition: "not-acceptable", text: "invalid session"}
	case q.session != "" && login.machine != q.machine:
		return verdict{condition: "not-acceptable", text: "machine UID mismatch or empty"}
	case login == nil && q.jid == "":
		// The real one trips over the address that a request over HTTP does not have.
		return verdict{condition: "internal-server-error"}
	case login == nil && host(q.jid) == l.domain:
		if strings.TrimSpace(q.machine) == "" {
			return verdict{condition: "not-acceptable", text: "Missing mandatory attribute 'machine-uid'"}
		}
		login = &authenticated{id: newID(), machine: q.machine, identity: xmpp.Bare(q.jid), room: q.room}
		l.byID[login.id] = login
	}
	if login != nil {
		login.jid, login.active = q.jid, l.now()
	}
	if !roomExists && (login == nil || q.jid == "") {
		return verdict{condition: "not-authorized", text: "not authorized user domain"}
	}
	return verdict{login: login}
}

// holds tells whether a client is logged in.
func (l *logins) holds(jid string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, login := range l.byID {
		if login.jid == jid {
			return true
		}
	}
	return false
}

// ended forgets the logins of a conference that is over, unless they are to survive it.
func (l *logins) ended(room string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for id, login := range l.byID {
		if login.room == room && !l.autoLogin {
			delete(l.byID, id)
		}
	}
}

func (l *logins) expire() {
	for id, login := range l.byID {
		if l.now().Sub(login.active) > l.lifetime {
			delete(l.byID, id)
		}
	}
}

func host(jid string) string {
	_, domain, _ := strings.Cut(xmpp.Bare(jid), "@")
	return domain
}

func newID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	return fmt.Sprintf("%x", random)
}
