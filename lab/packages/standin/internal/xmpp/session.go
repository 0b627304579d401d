package xmpp

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// writeTimeout bounds one write, so that a frozen server cannot hold up everything else.
const writeTimeout = 15 * time.Second

// Session is one logged-in connection.
type Session struct {
	JID      string // full JID that the server bound
	conn     net.Conn
	decoder  *xml.Decoder
	isFramed bool // over a websocket: every message is a document of its own
	writing  sync.Mutex
	counter  atomic.Int64
	mutex    sync.Mutex
	waiting  map[string]chan *Element
	early    []*Element // what came after the resource was bound and before the stream was managed: it is not counted
	stream   stream
}

func newSession(conn net.Conn) *Session {
	return &Session{conn: conn, waiting: map[string]chan *Element{}}
}

// Send writes one stanza.
func (s *Session) Send(stanza Element) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	text := s.text(stanza)
	if s.stream.sending(stanza) {
		text += New(nsSM, "r").String()
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := s.conn.Write([]byte(text))
	return err
}

func (s *Session) read() (*Element, error) {
	for {
		token, err := s.decoder.Token()
		if err != nil {
			return nil, err
		}
		switch found := token.(type) {
		case xml.StartElement:
			element := &Element{}
			return element, s.decoder.DecodeElement(element, &found)
		case xml.EndElement:
			return nil, errors.New("the server closed the stream")
		}
	}
}

// StanzaError is an answer of type error.
type StanzaError struct{ Condition, Text string }

func (e *StanzaError) Error() string { return strings.TrimSuffix(e.Condition+": "+e.Text, ": ") }

// Query sends an IQ and returns the answer, or the *StanzaError in it, or the context's error.
func (s *Session) Query(ctx context.Context, kind, to string, payload Element) (*Element, error) {
	id := fmt.Sprintf("q%d", s.counter.Add(1))
	answer := make(chan *Element, 1)
	s.mutex.Lock()
	s.waiting[id] = answer
	s.mutex.Unlock()
	defer func() {
		s.mutex.Lock()
		delete(s.waiting, id)
		s.mutex.Unlock()
	}()
	attributes := []string{"type", kind, "id", id}
	if to != "" {
		attributes = append(attributes, "to", to)
	}
	if err := s.Send(New("", "iq", attributes...).With(payload)); err != nil {
		return nil, err
	}
	select {
	case reply := <-answer:
		if reply.Attr("type") == "error" {
			return nil, Problem(reply)
		}
		return reply, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Problem returns the error in a stanza of type error.
func Problem(stanza *Element) *StanzaError {
	for i := range stanza.Children {
		if child := &stanza.Children[i]; child.XMLName.Local == "error" {
			found := &StanzaError{Condition: condition(child)}
			if text := child.Child("urn:ietf:params:xml:ns:xmpp-stanzas", "text"); text != nil {
				found.Text = text.Text
			}
			return found
		}
	}
	return &StanzaError{Condition: "undefined-condition"}
}

// Answer returns the result for a query.
func Answer(query *Element, children ...Element) Element {
	return New("", "iq", "type", "result", "id", query.Attr("id"), "to", query.Attr("from")).With(children...)
}

// Refuse returns an error for a query.
func Refuse(query *Element, kind, condition, text string) Element {
	const stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas"
	problem := New("", "error", "type", kind).With(New(stanzas, condition))
	if text != "" {
		words := New(stanzas, "text")
		words.Text = text
		problem = problem.With(words)
	}
	return New("", "iq", "type", "error", "id", query.Attr("id"), "to", query.Attr("from")).With(problem)
}

// serve hands every stanza to handle until the connection ends; answers go to whoever waits for them.
func (s *Session) serve(handle func(*Session, *Element)) error {
	for {
		stanza, isCounted, err := s.next()
		if err != nil {
			return err
		}
		if s.manage(stanza) {
			continue
		}
		if isStanza(stanza) && isCounted {
			s.stream.received()
		}
		if kind := stanza.Attr("type"); stanza.XMLName.Local == "iq" && (kind == "result" || kind == "error") {
			s.mutex.Lock()
			if answer := s.waiting[stanza.Attr("id")]; answer != nil {
				select {
				case answer <- stanza:
				default: // a second answer to the same query
				}
			}
			s.mutex.Unlock()
			continue
		}
		if stanza.XMLName.Space == nsFraming {
			return errors.New("the server closed the stream")
		}
		if stanza.XMLName.Local == "error" {
			return fmt.Errorf("stream error: %s", condition(stanza))
		}
		handle(s, stanza)
	}
}

// next is the next element, and whether stream management counts it.
func (s *Session) next() (element *Element, isCounted bool, err error) {
	if len(s.early) > 0 {
		element, s.early = s.early[0], s.early[1:]
		return element, false, nil
	}
	element, err = s.read()
	return element, true, err
}

// keepAlive pings the server and closes the connection when it does not answer in time.
func (s *Session) keepAlive(ctx context.Context, domain string, interval, timeout time.Duration) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
		pinging, cancel := context.WithTimeout(ctx, timeout)
		_, err := s.Query(pinging, "get", domain, New(nsPing, "ping"))
		cancel()
		var refused *StanzaError
		if err != nil && !errors.As(err, &refused) { // "ping not known here" is an answer as well
			_ = s.conn.Close()
			return
		}
	}
}
