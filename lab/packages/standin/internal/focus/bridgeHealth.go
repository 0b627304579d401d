package focus

import (
	"context"
	"errors"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// checkBridges looks after the health of every bridge at each interval: in its presence, or by asking it.
func (f *Focus) checkBridges(ctx context.Context) {
	if !f.healthChecks {
		return
	}
	if f.usePresence {
		for {
			time.Sleep(f.checkInterval)
			f.checkPresences()
		}
	}
	var checking sync.Map // bridges whose last check is not over yet
	for {
		time.Sleep(f.checkInterval)
		for _, b := range f.bridges.snapshot() {
			if _, busy := checking.LoadOrStore(b.jid, true); busy {
				continue
			}
			go func() {
				defer checking.Delete(b.jid)
				f.checkBridge(ctx, b)
			}()
		}
	}
}

// checkPresences judges every bridge by its last presence. While our own connection is down nothing is judged.
func (f *Focus) checkPresences() {
	if f.breweryConnection().Session() == nil {
		return
	}
	for jid, endpoints := range f.bridges.judgePresences() {
		f.rehome(endpoints, jid)
	}
}

// checkBridge asks one bridge. A bridge that says it is unhealthy loses its endpoints at once. One that does not
// answer is asked again after the retry delay; if it is silent then, too, it gets no new endpoints, and those that
// it has stay: that is how the real jicofo treats a frozen bridge.
func (f *Focus) checkBridge(ctx context.Context, b bridge) {
	err := f.askHealth(ctx, b.jid)
	if errors.Is(err, context.DeadlineExceeded) {
		f.log.Warn("Health-check timed out for %s, but will give it another try after: %v", b.jid, f.retryDelay)
		time.Sleep(f.retryDelay)
		err = f.askHealth(ctx, b.jid)
	}
	var refused *xmpp.StanzaError
	if errors.As(err, &refused) && refused.Condition == "internal-server-error" {
		f.bridges.setFailing(b.jid, true)
		f.rehome(b.own(), b.jid)
		return
	}
	f.bridges.setFailing(b.jid, err != nil)
}

func (f *Focus) askHealth(ctx context.Context, jid string) error {
	session := f.breweryConnection().Session()
	if session == nil {
		return nil // our own loss says nothing about the bridge
	}
	checking, cancel := context.WithTimeout(ctx, f.breweryTimeout())
	defer cancel()
	_, err := session.Query(checking, "get", jid, xmpp.New(presence.NSHealth, "healthcheck"))
	return err
}
