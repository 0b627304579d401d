package xmpp

import (
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// nsFraming is that of the stream's beginning and end over a websocket (RFC 7395).
const nsFraming = "urn:ietf:params:xml:ns:xmpp-framing"

// maximumMessageBytes bounds one stanza from the server, as c2s_stanza_size_limit does in the other direction.
const maximumMessageBytes = 524288

// LoginOverWebsocket logs in as a page does: TLS is verified against the host name of the address, by the authorities that
// a browser knows. Errors name the address and what refused the login.
func LoginOverWebsocket(ctx context.Context, address string, account Account) (*Session, error) {
	trusted, err := account.Trust()
	if err != nil {
		return nil, err
	}
	dialing, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	options := &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"xmpp"}}
	socket, response, err := websocket.Dial(dialing, address, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if response.Body != nil {
		_ = response.Body.Close()
	}
	socket.SetReadLimit(maximumMessageBytes)
	session := newSession(websocket.NetConn(ctx, socket, websocket.MessageText))
	session.isFramed = true
	_ = session.conn.SetDeadline(time.Now().Add(loginTimeout))
	if err := session.negotiateFramed(account); err != nil {
		_ = session.conn.Close()
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	_ = session.conn.SetDeadline(time.Time{})
	return session, nil
}

func (s *Session) negotiateFramed(account Account) error {
	features, err := s.openFrame(account.Domain)
	if err != nil {
		return err
	}
	if err := s.authenticate(account, features); err != nil {
		return err
	}
	if _, err = s.openFrame(account.Domain); err != nil {
		return err
	}
	return s.bind(account.Resource)
}

// openFrame starts a stream and returns the server's features.
func (s *Session) openFrame(domain string) (*Element, error) {
	s.decoder = xml.NewDecoder(s.conn)
	if err := s.Send(New(nsFraming, "open", "to", domain, "version", "1.0")); err != nil {
		return nil, err
	}
	for range 2 {
		element, err := s.read()
		if err != nil {
			return nil, err
		}
		switch element.XMLName.Local {
		case "features":
			return element, nil
		case "open":
		default:
			return nil, fmt.Errorf("the server closed the stream for %s: %s", domain, condition(element))
		}
	}
	return nil, errors.New("the server sends no features")
}

// Serve hands every stanza to handle until the connection ends.
func (s *Session) Serve(handle func(*Session, *Element)) error { return s.serve(handle) }

// KeepAlive pings a host of the server until the context ends, and closes the connection when it does not answer.
func (s *Session) KeepAlive(ctx context.Context, domain string) {
	s.keepAlive(ctx, domain, pingInterval, pingTimeout)
}

// Close ends the stream and the connection.
func (s *Session) Close() {
	if s.isFramed {
		_ = s.Send(New(nsFraming, "close"))
	}
	_ = s.conn.Close()
}
