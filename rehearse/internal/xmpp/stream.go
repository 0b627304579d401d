// Package xmpp is a participant's signalling: XMPP over a websocket (RFC 7395), one stanza a message.
package xmpp

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Server is where participants connect, and as whom.
type Server struct {
	// URL is that of the websocket, with its query.
	URL string
	// Domain is the host that participants log in to.
	Domain string
	// HTTP asks for the websocket; it has the authorities.
	HTTP *http.Client
	// User and Password are a moderator's; empty: anonymous.
	User, Password string
}

const (
	framing = "urn:ietf:params:xml:ns:xmpp-framing"
	// A room of a thousand is told in stanzas of a few kilobytes each; an offer has some dozens.
	longestStanza = 4 << 20
	answerTimeout = 40 * time.Second
)

// Stream is one connection that has logged in.
type Stream struct {
	// Address is the full JID that the server gave.
	Address string

	connection *websocket.Conn
	mutex      sync.Mutex
	questions  int
	waiting    map[string]chan []byte
	hear       func(stanza []byte)
	ended      chan struct{}
	failure    error
}

var errClosed = errors.New("the server closed the connection")

// Open connects and logs in. Every stanza that is no answer to a question goes to `hear`, one after the other.
func Open(ctx context.Context, server Server, hear func(stanza []byte)) (*Stream, error) {
	options := &websocket.DialOptions{Subprotocols: []string{"xmpp"}, HTTPClient: server.HTTP}
	connection, response, err := websocket.Dial(ctx, server.URL, options)
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			return nil, fmt.Errorf("websocket: HTTP status %d", response.StatusCode)
		}
		return nil, fmt.Errorf("websocket: %w", err)
	}
	connection.SetReadLimit(longestStanza)
	stream := &Stream{connection: connection, waiting: map[string]chan []byte{}, hear: hear, ended: make(chan struct{})}
	if err := stream.login(ctx, server); err != nil {
		_ = connection.CloseNow()
		return nil, err
	}
	go stream.read()
	return stream, nil
}

func (s *Stream) login(ctx context.Context, server Server) error {
	auth := "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
	if server.User != "" {
		plain := base64.StdEncoding.EncodeToString([]byte("\x00" + server.User + "\x00" + server.Password))
		auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + plain + "</auth>"
	}
	open := fmt.Sprintf("<open xmlns='%s' to='%s' version='1.0'/>", framing, server.Domain)
	bind := "<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
	var heard []byte
	for _, step := range []struct{ say, hear string }{
		{open, "<stream:features"}, {auth, "<success"}, {open, "<stream:features"}, {bind, "jid>"},
	} {
		if err := s.Send(ctx, step.say); err != nil {
			return err
		}
		var err error
		if heard, err = s.await(ctx, step.hear); err != nil {
			return err
		}
	}
	var bound struct {
		Address string `xml:"bind>jid"`
	}
	if err := xml.Unmarshal(heard, &bound); err != nil || bound.Address == "" {
		return fmt.Errorf("no address in %.200s", heard)
	}
	s.Address = bound.Address
	return nil
}

func (s *Stream) await(ctx context.Context, wanted string) ([]byte, error) {
	for {
		_, message, err := s.connection.Read(ctx)
		if err != nil {
			return nil, fmt.Errorf("waiting for %s: %w", wanted, err)
		}
		if bytes.Contains(message, []byte(wanted)) {
			return message, nil
		}
		if bytes.HasPrefix(message, []byte("<failure")) || bytes.HasPrefix(message, []byte("<close")) {
			return nil, fmt.Errorf("the login is refused: %.300s", message)
		}
	}
}

func (s *Stream) read() {
	for {
		_, message, err := s.connection.Read(context.Background())
		if err == nil && bytes.HasPrefix(message, []byte("<close")) {
			err = errClosed
		}
		if err != nil {
			s.failure = err
			close(s.ended)
			return
		}
		if !s.answers(message) {
			s.hear(message)
		}
	}
}

// answers hands an answer to whoever asked.
func (s *Stream) answers(message []byte) bool {
	if !bytes.HasPrefix(message, []byte("<iq")) {
		return false
	}
	var head struct {
		ID   string `xml:"id,attr"`
		Type string `xml:"type,attr"`
	}
	if xml.Unmarshal(message, &head) != nil || (head.Type != "result" && head.Type != "error") {
		return false
	}
	s.mutex.Lock()
	asked := s.waiting[head.ID]
	delete(s.waiting, head.ID)
	s.mutex.Unlock()
	if asked != nil {
		asked <- message
	}
	return true
}

// Send sends one stanza.
func (s *Stream) Send(ctx context.Context, stanza string) error {
	return s.connection.Write(ctx, websocket.MessageText, []byte(stanza))
}

// Ask sends a question and returns the answer; an error of the other side is an error.
func (s *Stream) Ask(ctx context.Context, kind, to, inside string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	answer := make(chan []byte, 1)
	s.mutex.Lock()
	s.questions++
	id := "q" + strconv.Itoa(s.questions)
	s.waiting[id] = answer
	s.mutex.Unlock()
	stanza := fmt.Sprintf("<iq xmlns='jabber:client' type='%s' id='%s' to='%s'>%s</iq>", kind, id, html.EscapeString(to), inside)
	if err := s.Send(ctx, stanza); err != nil {
		return nil, err
	}
	select {
	case message := <-answer:
		return message, refusal(message)
	case <-s.ended:
		return nil, s.failure
	case <-ctx.Done():
		return nil, fmt.Errorf("%s does not answer: %w", to, ctx.Err())
	}
}

// Ended is closed when the connection is gone; Failure says why.
func (s *Stream) Ended() <-chan struct{} { return s.ended }

// Failure is why the connection ended.
func (s *Stream) Failure() error { return s.failure }

// Close says goodbye, so that the room does not wait for a return.
func (s *Stream) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.Send(ctx, "<close xmlns='"+framing+"'/>")
	_ = s.connection.CloseNow()
}
