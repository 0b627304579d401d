package bridge

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what STUN signs with
	"encoding/binary"
	"encoding/hex"
	"net"
	"strings"
	"time"
)

// forgottenAfter is when an opening ends to which nothing came. Source: jvb reference.conf, entity-expiration.timeout.
const forgottenAfter = time.Minute

// STUN (RFC 8489): types of messages and attributes, the cookie of each message.
const (
	stunRequest, stunSuccess, stunError = 0x0001, 0x0101, 0x0111
	stunUsername, stunIntegrity         = 0x0006, 0x0008
	stunErrorCode, stunXorMapped        = 0x0009, 0x0020
	stunCookie                          = 0x2112A442
	stunHeader                          = 20
)

// Opening is what a participant needs to reach the media port: the bridge answers nobody else.
type Opening struct {
	Fragment, Password string
	Address            string
	Port               int
	meeting            string
}

// open lets one more participant in, for a conference that is named here alone.
func (b *Bridge) open(meeting string) Opening {
	one := Opening{
		Fragment: random(6), Password: random(12), Address: b.mediaAddress(), Port: b.udpPort, meeting: meeting,
	}
	b.locked(func() { b.openings[one.Fragment] = one })
	time.AfterFunc(forgottenAfter, func() { b.locked(func() { delete(b.openings, one.Fragment) }) })
	return one
}

// closeMeeting ends the openings of a conference.
func (b *Bridge) closeMeeting(meeting string) {
	b.locked(func() {
		for fragment, one := range b.openings {
			if one.meeting == meeting {
				delete(b.openings, fragment)
			}
		}
	})
}

func random(size int) string {
	bytes := make([]byte, size)
	_, _ = rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

// mediaAddress is the candidate: the address that a mapping gives to one of the host, or its own.
func (b *Bridge) mediaAddress() string {
	for _, one := range b.mappings {
		if isLocal(one.local) {
			return one.public
		}
	}
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() && network.IP.To4() != nil {
			return network.IP.String()
		}
	}
	return ""
}

func isLocal(address string) bool {
	addresses, _ := net.InterfaceAddrs()
	for _, one := range addresses {
		if network, ok := one.(*net.IPNet); ok && network.IP.String() == address {
			return true
		}
	}
	return false
}

// serveMedia answers connectivity checks of whom the bridge expects and throws away what else arrives: there is no media here.
func (b *Bridge) serveMedia(socket *net.UDPConn) {
	buffer := make([]byte, 2048)
	for {
		size, from, err := socket.ReadFromUDP(buffer)
		if err != nil {
			return
		}
		if answer := b.answerCheck(buffer[:size], from); answer != nil {
			_, _ = socket.WriteToUDP(answer, from)
		}
	}
}

// answerCheck is what the bridge says to a packet; nothing to one that names no fragment of its own.
func (b *Bridge) answerCheck(packet []byte, from *net.UDPAddr) []byte {
	if len(packet) < stunHeader || binary.BigEndian.Uint32(packet[4:]) != stunCookie ||
		binary.BigEndian.Uint16(packet) != stunRequest {
		return nil
	}
	username, signature, signedLength := readCheck(packet)
	fragment, _, _ := strings.Cut(username, ":")
	var expected Opening
	b.locked(func() { expected = b.openings[fragment] })
	if expected.Fragment == "" {
		return nil
	}
	transaction := packet[8:stunHeader]
	if !hmac.Equal(signature, sign(packet[:signedLength], expected.Password)) {
		return message(stunError, transaction, attribute(stunErrorCode, []byte{0, 0, 4, 1}))
	}
	answer := message(stunSuccess, transaction, attribute(stunXorMapped, xorAddress(from)))
	return append(resized(answer, 24), attribute(stunIntegrity, sign(answer, expected.Password))...)
}

// readCheck returns the name in a request, its signature, and how many bytes are signed.
func readCheck(packet []byte) (username string, signature []byte, signedLength int) {
	for at := stunHeader; at+4 <= len(packet); {
		kind, length := binary.BigEndian.Uint16(packet[at:]), int(binary.BigEndian.Uint16(packet[at+2:]))
		if at+4+length > len(packet) {
			return username, signature, signedLength
		}
		switch value := packet[at+4 : at+4+length]; kind {
		case stunUsername:
			username = string(value)
		case stunIntegrity:
			signature, signedLength = value, at
		}
		at += 4 + (length+3)/4*4
	}
	return username, signature, signedLength
}

// sign makes the digest over a message whose length counts the digest.
func sign(text []byte, password string) []byte {
	digest := hmac.New(sha1.New, []byte(password))
	if len(text) >= stunHeader {
		digest.Write(resized(text, 24))
	}
	return digest.Sum(nil)
}

// resized is a copy of a message with the length that it has with so many bytes more.
func resized(text []byte, more int) []byte {
	longer := append([]byte{}, text...)
	binary.BigEndian.PutUint16(longer[2:], uint16(len(text)-stunHeader+more))
	return longer
}

func message(kind uint16, transaction, body []byte) []byte {
	text := make([]byte, 8, stunHeader+len(body))
	binary.BigEndian.PutUint16(text, kind)
	binary.BigEndian.PutUint16(text[2:], uint16(len(body)))
	binary.BigEndian.PutUint32(text[4:], stunCookie)
	return append(append(text, transaction...), body...)
}

func attribute(kind uint16, value []byte) []byte {
	text := make([]byte, 4, 4+len(value)+3)
	binary.BigEndian.PutUint16(text, kind)
	binary.BigEndian.PutUint16(text[2:], uint16(len(value)))
	text = append(text, value...)
	return append(text, make([]byte, (4-len(value)%4)%4)...)
}

func xorAddress(from *net.UDPAddr) []byte {
	value := make([]byte, 8)
	value[1] = 1
	binary.BigEndian.PutUint16(value[2:], uint16(from.Port)^uint16(stunCookie>>16))
	if ip := from.IP.To4(); ip != nil {
		binary.BigEndian.PutUint32(value[4:], binary.BigEndian.Uint32(ip)^stunCookie)
	}
	return value
}
