package focus

import (
	"context"
	"errors"
	"math"

	"audio-meet/lab/packages/standin/internal/presence"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

// errBridgeNotFound has the wording of the real jicofo, capital letter included.
var errBridgeNotFound = errors.New("Not found: Bridge not found")

// share is how many endpoints of each conference a fraction means; part of an endpoint counts as one.
func share(endpoints presence.Endpoints, fraction float64) presence.Endpoints {
	part := presence.Endpoints{}
	for conference, count := range endpoints {
		if n := int(math.Ceil(float64(count) * fraction)); n > 0 {
			part[conference] = min(n, count)
		}
	}
	return part
}

// find takes a bridge's full occupant JID, or its nickname alone.
func (f *Focus) find(name string) (bridge, error) {
	for _, b := range f.bridges.snapshot() {
		if b.jid == name || xmpp.Resource(b.jid) == name {
			return b, nil
		}
	}
	return bridge{}, errBridgeNotFound
}

// bridgeMove takes the chosen endpoints off a bridge and puts them on the bridge that the selector picks. It returns
// what it moved: the numbers that the real jicofo answers with, which are no proof that the bridge is emptier. Endpoints
// that jicofo does not know of, since it started or left the brewery after they came, stay where they are.
func (f *Focus) bridgeMove(from bridge, choose func(presence.Endpoints) presence.Endpoints, partial bool) (presence.Endpoints, error) {
	session := f.breweryConnection().Session()
	if session == nil {
		return nil, errors.New("not connected to the brewery")
	}
	ctx, cancel := context.WithTimeout(context.Background(), f.breweryTimeout())
	defer cancel()
	reply, err := session.Query(ctx, "get", from.jid, xmpp.New(presence.NS, "endpoints"))
	if err != nil {
		return nil, err
	}
	chosen := choose(presence.ReadEndpoints(reply).Minus(from.orphans))
	if chosen.Total() == 0 {
		return chosen, nil
	}
	target, found := f.bridges.pick(from.jid)
	stays := partial && !f.octo // one bridge per conference: the rest of the conference draws them back
	if !found || stays || target.jid == from.jid {
		f.log.Info("Re-invited %d endpoints to the same bridge %s", chosen.Total(), from.jid)
		return chosen, nil
	}
	return chosen, f.transfer(ctx, session, from.jid, target.jid, chosen)
}

func (f *Focus) transfer(ctx context.Context, session *xmpp.Session, from, to string, moving presence.Endpoints) error {
	f.log.Info("Moving %d endpoints from %s to %s", moving.Total(), from, to)
	if _, err := session.Query(ctx, "set", to, moving.Element()); err != nil {
		return err
	}
	_, err := session.Query(ctx, "set", from, moving.Negative().Element())
	f.mutex.Lock()
	f.moved += int64(moving.Total())
	f.mutex.Unlock()
	return err
}
