package bridge

import (
	"encoding/binary"
	"net"
	"testing"
)

// check is a connectivity check as a participant signs it.
func check(fragment, password string) []byte {
	text := message(stunRequest, []byte("0123456789ab"), attribute(stunUsername, []byte(fragment+":me")))
	return append(resized(text, 24), attribute(stunIntegrity, sign(text, password))...)
}

func TestTheMediaPortAnswersWhomTheBridgeExpectsAndNobodyElse(t *testing.T) {
	b := newBridge(settings{udpPort: 10000}, nil)
	from := &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4000}
	one := b.open("meeting")
	for _, c := range []struct {
		name             string
		fragment, secret string
		kind             uint16
	}{
		{"whom it expects", one.Fragment, one.Password, stunSuccess},
		{"a wrong password", one.Fragment, "wrong", stunError},
		{"somebody else", "abcd", one.Password, 0},
	} {
		answer := b.answerCheck(check(c.fragment, c.secret), from)
		kind := uint16(0)
		if answer != nil {
			kind = binary.BigEndian.Uint16(answer)
		}
		if kind != c.kind {
			t.Errorf("%s: %#x, expected %#x", c.name, kind, c.kind)
		}
	}
	b.closeMeeting("meeting")
	if b.answerCheck(check(one.Fragment, one.Password), from) != nil {
		t.Error("an opening that was closed is still answered")
	}
}
