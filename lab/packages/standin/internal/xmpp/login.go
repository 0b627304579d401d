package xmpp

import (
	"context"
	"crypto/x509"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	nsClient = "jabber:client"
	nsStream = "http://etherx.jabber.org/streams"
	nsTLS    = "urn:ietf:params:xml:ns:xmpp-tls"
	nsSASL   = "urn:ietf:params:xml:ns:xmpp-sasl"
	nsBind   = "urn:ietf:params:xml:ns:xmpp-bind"
	nsPing   = "urn:xmpp:ping"
	// loginTimeout bounds connecting and logging in, all steps together.
	loginTimeout = 15 * time.Second
)

// Account is where and as whom to log in. The server's certificate is verified against Domain, never against
// the host name.
type Account struct {
	Host     string
	Port     int
	Domain   string
	User     string
	Password string
	Resource string // empty: the server chooses
	Managed  bool   // asks for stream management, as Smack does, and resumes a lost stream
	Trust    Trust
}

// Trust gives the certificate authorities for one connection, or why there are none.
type Trust func() (*x509.CertPool, error)

// login connects and binds a resource, or goes on with the session that was lost if there is one and the server still has it:
// then it returns that. Errors read as the real daemons log them.
func login(ctx context.Context, account Account, lost *Session) (*Session, error) {
	dialer := net.Dialer{Timeout: loginTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(account.Host, fmt.Sprint(account.Port)))
	if err != nil {
		return nil, err
	}
	session := newSession(conn)
	_ = conn.SetDeadline(time.Now().Add(loginTimeout))
	isResumed, err := session.negotiate(account, lost)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	_ = session.conn.SetDeadline(time.Time{})
	if isResumed {
		return lost, lost.adopt(session)
	}
	return session, nil
}

// negotiate leads up to a session, a new one or, if it says so, the lost one.
func (s *Session) negotiate(account Account, lost *Session) (isResumed bool, err error) {
	features, err := s.secured(account)
	if err != nil {
		return false, err
	}
	if isResumed, err = s.resume(lost, features); isResumed || err != nil {
		return isResumed, err
	}
	if err := s.bind(account.Resource); err != nil {
		return false, err
	}
	if account.Managed {
		return false, s.enable(features)
	}
	return false, nil
}

// secured opens the stream, with TLS and logged in, and returns what the server offers then.
func (s *Session) secured(account Account) (*Element, error) {
	features, err := s.open(account.Domain)
	if err != nil {
		return nil, err
	}
	if features.Child(nsTLS, "starttls") == nil {
		return nil, errors.New("the server offers no STARTTLS for " + account.Domain)
	}
	if err := s.startTLS(account); err != nil {
		return nil, err
	}
	if features, err = s.open(account.Domain); err != nil {
		return nil, err
	}
	if err := s.authenticate(account, features); err != nil {
		return nil, err
	}
	return s.open(account.Domain)
}

// open starts a stream and returns the server's features.
func (s *Session) open(domain string) (*Element, error) {
	s.decoder = xml.NewDecoder(s.conn)
	header := fmt.Sprintf("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='%s' version='1.0' to='%s'>",
		nsStream, domain)
	if _, err := s.conn.Write([]byte(header)); err != nil {
		return nil, err
	}
	for {
		token, err := s.decoder.Token()
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name.Local != "stream" {
				return nil, errors.New("the server does not speak XMPP")
			}
			break
		}
	}
	features, err := s.read()
	if err != nil {
		return nil, err
	}
	if features.XMLName.Local != "features" {
		return nil, fmt.Errorf("the server closed the stream for %s: %s", domain, condition(features))
	}
	return features, nil
}

// condition returns the name of the error condition inside a failure or error element.
func condition(e *Element) string {
	for _, child := range e.Children {
		if child.XMLName.Local != "text" {
			return child.XMLName.Local
		}
	}
	return "undefined-condition"
}

func (s *Session) bind(resource string) error {
	request := New(nsBind, "bind")
	if resource != "" {
		name := New(nsBind, "resource")
		name.Text = resource
		request = request.With(name)
	}
	if err := s.Send(New("", "iq", "type", "set", "id", "bind").With(request)); err != nil {
		return err
	}
	answer, err := s.read()
	if err != nil {
		return err
	}
	bound := answer.Child(nsBind, "bind")
	if answer.Attr("type") != "result" || bound == nil || bound.Child(nsBind, "jid") == nil {
		return fmt.Errorf("the server refuses resource %q: %w", resource, Problem(answer))
	}
	s.JID = bound.Child(nsBind, "jid").Text
	return nil
}
