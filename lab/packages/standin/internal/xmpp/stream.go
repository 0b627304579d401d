package xmpp

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// nsSM is stream management (XEP-0198), in the version that Smack speaks.
const nsSM = "urn:xmpp:sm:3"

// requestEvery is after how many stanzas the server is asked what it has handled. Source: Smack's default.
const requestEvery = 5

// stream is what outlives a connection: how far both sides have come, and what the server may have missed.
type stream struct {
	mutex   sync.Mutex
	token   string // "": not managed, or not to be resumed
	handled uint32 // stanzas of the server
	acked   uint32 // of ours, as the server said last
	unacked []Element
	counts  bool
	keeps   time.Duration // how long the server keeps it for us; 0: it did not say
	lostAt  time.Time
}

func isStanza(element *Element) bool {
	switch element.XMLName.Local {
	case "iq", "presence", "message":
		return element.XMLName.Space == "" || element.XMLName.Space == nsClient
	}
	return false
}

// sending notes a stanza; true if it is time to ask what the server has handled.
func (s *stream) sending(stanza Element) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.counts || !isStanza(&stanza) {
		return false
	}
	s.unacked = append(s.unacked, stanza)
	return len(s.unacked)%requestEvery == 0
}

// received notes a stanza of the server.
func (s *stream) received() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.counts {
		s.handled++
	}
}

// acknowledge forgets what the server has handled. The count runs over at 2^32, as in the standard.
func (s *stream) acknowledge(h string) {
	count, err := strconv.ParseUint(h, 10, 32)
	if err != nil {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	done := min(int(uint32(count)-s.acked), len(s.unacked))
	s.acked, s.unacked = uint32(count), s.unacked[done:]
}

func (s *stream) count() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strconv.FormatUint(uint64(s.handled), 10)
}

// begin is the server's word that it counts from now on.
func (s *stream) begin(enabled *Element) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts = true
	if resume := enabled.Attr("resume"); resume == "true" || resume == "1" {
		s.token = enabled.Attr("id")
	}
	if seconds, err := strconv.Atoi(enabled.Attr("max")); err == nil {
		s.keeps = time.Duration(seconds) * time.Second
	}
}

// lost notes the end of the connection.
func (s *stream) lost() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.lostAt = time.Now()
}

// canResume tells whether it is worth asking the server for the same stream again.
func (s *stream) canResume() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.token != "" && (s.keeps == 0 || time.Since(s.lostAt) < s.keeps)
}

// take returns what the server may have missed and begins the list anew.
func (s *stream) take() []Element {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	missed := s.unacked
	s.unacked = nil
	return missed
}

// manage handles an element of stream management; false if it is something else.
func (s *Session) manage(element *Element) bool {
	if element.XMLName.Space != nsSM {
		return false
	}
	switch element.XMLName.Local {
	case "r":
		_ = s.Send(New(nsSM, "a", "h", s.stream.count()))
	case "a":
		s.stream.acknowledge(element.Attr("h"))
	}
	return true
}

// enable asks for stream management where the server offers it.
func (s *Session) enable(features *Element) error {
	if features.Child(nsSM, "sm") == nil {
		return nil
	}
	if err := s.Send(New(nsSM, "enable", "resume", "true")); err != nil {
		return err
	}
	for {
		answer, err := s.read()
		if err != nil {
			return err
		}
		if isStanza(answer) {
			s.early = append(s.early, answer)
			continue
		}
		if answer.XMLName.Local == "enabled" {
			s.stream.begin(answer)
		}
		return nil
	}
}

// resume asks, on this connection, for the stream of a session that was lost; true if the server still has it.
func (s *Session) resume(lost *Session, features *Element) (bool, error) {
	if lost == nil || !lost.stream.canResume() || features.Child(nsSM, "sm") == nil {
		return false, nil
	}
	request := New(nsSM, "resume", "h", lost.stream.count(), "previd", lost.stream.token)
	if err := s.Send(request); err != nil {
		return false, err
	}
	answer, err := s.read()
	if err != nil || answer.XMLName.Local != "resumed" {
		return false, err
	}
	lost.stream.acknowledge(answer.Attr("h"))
	return true, nil
}

// adopt goes on with the session on another connection: what the server has missed is sent again.
func (s *Session) adopt(next *Session) error {
	s.writing.Lock()
	s.conn, s.decoder = next.conn, next.decoder
	s.writing.Unlock()
	for _, stanza := range s.stream.take() {
		if err := s.Send(stanza); err != nil {
			return err
		}
	}
	return nil
}

// end closes the stream in order: the server then keeps nothing of the session.
func (s *Session) end() {
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = s.conn.Write([]byte("</stream:stream>"))
}

// text writes a stanza for the connection.
func (s *Session) text(stanza Element) string {
	var out strings.Builder
	if !s.isFramed {
		stanza.write(&out, nsClient)
		return out.String()
	}
	if stanza.XMLName.Space == "" {
		stanza.XMLName.Space = nsClient
	}
	stanza.write(&out, "")
	return out.String()
}
