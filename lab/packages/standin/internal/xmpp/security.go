package xmpp

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"mellium.im/sasl"
)

func (s *Session) startTLS(account Account) error {
	if err := s.Send(New(nsTLS, "starttls")); err != nil {
		return err
	}
	answer, err := s.read()
	if err != nil {
		return err
	}
	if answer.XMLName.Local != "proceed" {
		return errors.New("the server refuses STARTTLS")
	}
	trusted, err := account.Trust()
	if err != nil {
		return fmt.Errorf("SSLException: %w", err)
	}
	secured := tls.Client(s.conn, &tls.Config{
		RootCAs: trusted, ServerName: account.Domain, MinVersion: tls.VersionTLS12,
	})
	if err := secured.Handshake(); err != nil {
		return explainTLS(err, account.Domain)
	}
	s.conn = secured
	return nil
}

// explainTLS words a failed verification as Java does, so that what looks for those lines finds them.
func explainTLS(err error, domain string) error {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &unknown):
		return errors.New("SSLHandshakeException: PKIX path building failed: " +
			"unable to find valid certification path to requested target")
	case errors.As(err, &name):
		return fmt.Errorf("CertificateException: No subject alternative DNS name matching %s found. Tried: %s",
			domain, strings.Join(name.Certificate.DNSNames, ", "))
	}
	return fmt.Errorf("SSLHandshakeException: %w", err)
}

// RefusedLogin is the server's no to an account and its password.
type RefusedLogin struct{ Condition string }

func (e *RefusedLogin) Error() string { return "SASLError using SCRAM-SHA-1: " + e.Condition }

func (s *Session) authenticate(account Account, features *Element) error {
	offered := features.Child(nsSASL, "mechanisms")
	if offered == nil || !strings.Contains(offered.String(), ">SCRAM-SHA-1<") {
		return errors.New("the server does not offer SCRAM-SHA-1 for " + account.Domain)
	}
	client := sasl.NewClient(sasl.ScramSha1, sasl.Credentials(func() (user, password, identity []byte) {
		return []byte(account.User), []byte(account.Password), nil
	}))
	_, first, err := client.Step(nil)
	if err != nil {
		return err
	}
	message := New(nsSASL, "auth", "mechanism", "SCRAM-SHA-1")
	message.Text = base64.StdEncoding.EncodeToString(first)
	for {
		if err := s.Send(message); err != nil {
			return err
		}
		answer, err := s.read()
		if err != nil {
			return err
		}
		if answer.XMLName.Local == "failure" {
			return &RefusedLogin{condition(answer)}
		}
		challenge, err := base64.StdEncoding.DecodeString(answer.Text)
		if err != nil {
			return err
		}
		_, response, err := client.Step(challenge)
		if err != nil {
			return fmt.Errorf("SASLError using SCRAM-SHA-1: the server's proof is wrong: %w", err)
		}
		if answer.XMLName.Local == "success" {
			return nil
		}
		message = New(nsSASL, "response")
		message.Text = base64.StdEncoding.EncodeToString(response)
	}
}
