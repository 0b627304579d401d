package xmpp

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// retryDelay is what both real daemons wait between attempts to connect.
	retryDelay = time.Second
	// stubbornDelay is what a real bridge comes to that was logged in once and whose password does not count any more: two of
	// its ways to connect again run side by side. Seen: 8 attempts a second.
	stubbornDelay = 125 * time.Millisecond
	pingInterval  = 10 * time.Second
	pingTimeout   = 15 * time.Second
)

// Connection keeps one account logged in for ever: it connects again after every loss.
type Connection struct {
	Account  Account
	Online   func(*Session)           // called after each login with a new stream, before stanzas arrive; must not block
	Resumed  func(*Session)           // called instead where the old stream goes on; nil where nobody listens
	Offline  func(error)              // called after each loss of an established session
	Failed   func(error)              // called after each failed attempt
	Stanza   func(*Session, *Element) // called for everything but answers; must not block
	Stubborn bool                     // as a bridge: see stubbornDelay
	losses   atomic.Int64
	mutex    sync.Mutex
	existing *Session
	lost     *Session // whose stream may be resumed
}

// Session returns the current session, or nil while disconnected.
func (c *Connection) Session() *Session {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.existing
}

// CanResume tells whether the stream of the last session may go on after its loss.
func (c *Connection) CanResume() bool { return c.lost != nil && c.lost.stream.canResume() }

// Close ends the current session in order.
func (c *Connection) Close() {
	if session := c.Session(); session != nil {
		session.end()
	}
}

// Losses counts how often an established session was lost.
func (c *Connection) Losses() int64 { return c.losses.Load() }

func (c *Connection) put(session *Session) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.existing = session
}

// Run connects, serves and reconnects until the context ends.
func (c *Connection) Run(ctx context.Context) {
	for ctx.Err() == nil {
		session, failure := login(ctx, c.Account, c.lost)
		if failure != nil {
			c.Failed(failure)
		} else {
			c.live(ctx, session)
		}
		select {
		case <-ctx.Done():
		case <-time.After(c.pause(failure)):
		}
	}
}

// pause is how long to wait before the next attempt to connect, after a failure or the end of a session (nil).
func (c *Connection) pause(failure error) time.Duration {
	var refused *RefusedLogin
	if c.Stubborn && c.Losses() > 0 && errors.As(failure, &refused) {
		return stubbornDelay
	}
	return retryDelay
}

func (c *Connection) live(ctx context.Context, session *Session) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.put(session)
	switch isResumed := session == c.lost; {
	case !isResumed:
		c.Online(session)
	case c.Resumed != nil:
		c.Resumed(session)
	}
	go session.keepAlive(ctx, c.Account.Domain, pingInterval, pingTimeout)
	err := session.serve(c.Stanza)
	_ = session.conn.Close()
	c.put(nil)
	c.lost = session
	session.stream.lost()
	c.losses.Add(1)
	c.Offline(err)
}
