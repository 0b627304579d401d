package crowd

import (
	"errors"
	"slices"
	"testing"

	"github.com/pion/rtp"
)

// bridge is a link that notes what becomes of it.
type bridge struct {
	packets  int
	isClosed bool
}

func (b *bridge) Send(*rtp.Packet) error {
	if b.isClosed {
		return errors.New("closed")
	}
	b.packets++
	return nil
}
func (b *bridge) SendControl([]byte) error { return nil }
func (b *bridge) Close()                   { b.isClosed = true }

func TestWhoMovesKeepsTheOldBridgeUntilItsOwnSessionEnds(t *testing.T) {
	var moving links
	before, after := &bridge{}, &bridge{}
	moving.add("first", before)
	moving.add("second", after)
	if !moving.send(&rtp.Packet{}) || before.packets != 1 || after.packets != 1 {
		t.Errorf("%d packets to the old bridge, %d to the new one", before.packets, after.packets)
	}
	moving.end("first")
	if !before.isClosed || after.isClosed || !moving.any() {
		t.Errorf("the old link is closed: %t, the new one: %t", before.isClosed, after.isClosed)
	}
	moving.end("first")
	moving.end("second")
	if !after.isClosed || moving.any() || moving.send(&rtp.Packet{}) {
		t.Error("a link is left after the last session")
	}
}

func TestLinksThatNobodyEndsDoNotPileUp(t *testing.T) {
	var moving links
	bridges := []*bridge{{}, {}, {}}
	for at, each := range bridges {
		moving.add(string(rune('a'+at)), each)
	}
	closed := []bool{bridges[0].isClosed, bridges[1].isClosed, bridges[2].isClosed}
	if !slices.Equal(closed, []bool{true, false, false}) {
		t.Errorf("closed: %v", closed)
	}
	moving.endAll()
	if !bridges[1].isClosed || !bridges[2].isClosed {
		t.Error("who leaves keeps a link")
	}
}
