package xmpp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/xml"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// certificate is self-signed for one domain; its own pool trusts it.
func certificate(t *testing.T, domain string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: domain}, DNSNames: []string{domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// server accepts one connection, secures it, offers SCRAM and refuses the first attempt to log in.
func server(t *testing.T, own tls.Certificate) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		const head = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " +
			"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'><stream:features>"
		say := func(c net.Conn, text string) { _, _ = c.Write([]byte(text)) }
		await := func(c net.Conn, text string) {
			seen, buffer := "", make([]byte, 4096)
			for !strings.Contains(seen, text) {
				n, err := c.Read(buffer)
				if err != nil {
					return
				}
				seen += string(buffer[:n])
			}
		}
		await(conn, "<stream:stream")
		say(conn, head+"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")
		await(conn, "starttls")
		say(conn, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
		secured := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{own}})
		await(secured, "<stream:stream")
		say(secured, head+"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>"+
			"</mechanisms></stream:features>")
		await(secured, "</auth>")
		say(secured, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
		await(secured, "never sent")
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func attempt(t *testing.T, own tls.Certificate, trusted *x509.CertPool, domain string) string {
	t.Helper()
	_, err := login(context.Background(), Account{
		Host: "127.0.0.1", Port: server(t, own), Domain: domain, User: "u", Password: "p",
		Trust: func() (*x509.CertPool, error) { return trusted, nil },
	}, nil)
	if err == nil {
		t.Fatal("logged in to a server that lets nobody in")
	}
	return err.Error()
}

func TestLoginFailuresReadAsInJava(t *testing.T) {
	own, pool := certificate(t, "tech.test")
	_, foreign := certificate(t, "tech.test")
	for name, c := range map[string]struct{ got, want string }{
		"wrong password": {attempt(t, own, pool, "tech.test"), "SASLError using SCRAM-SHA-1: not-authorized"},
		"unknown CA":     {attempt(t, own, foreign, "tech.test"), "unable to find valid certification path to requested target"},
		"nothing known":  {attempt(t, own, x509.NewCertPool(), "tech.test"), "PKIX path building failed"},
		"wrong name":     {attempt(t, own, pool, "auth.test"), "No subject alternative DNS name matching auth.test found. Tried: tech.test"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: got %q", name, c.got)
		}
	}
}

func TestElementsAreEscaped(t *testing.T) {
	element := New("urn:x", "a", "name", "<'&\">").With(New("", "b"))
	element.Text = "<&>"
	read := &Element{}
	if err := xml.Unmarshal([]byte(element.String()), read); err != nil {
		t.Fatal(err)
	}
	if read.Attr("name") != "<'&\">" || read.Text != "<&>" || read.Child("urn:x", "b") == nil {
		t.Errorf("got %+v", read)
	}
}

func TestOwnPresence(t *testing.T) {
	own, created := IsOwn(&Element{Children: []Element{
		New(nsMUCUser, "x").With(New("", "status", "code", "110"), New("", "status", "code", "201")),
	}})
	if !own || !created {
		t.Error("own presence not recognised")
	}
	if own, _ := IsOwn(&Element{}); own {
		t.Error("foreign presence taken for our own")
	}
}

func TestOnlyABridgeThatWasLoggedInIsStubborn(t *testing.T) {
	refused := error(&RefusedLogin{"not-authorized"})
	bridge, focus := &Connection{Stubborn: true}, &Connection{}
	if got := bridge.pause(refused); got != retryDelay {
		t.Errorf("at its start: %v", got)
	}
	bridge.losses.Add(1)
	focus.losses.Add(1)
	for _, c := range []struct {
		connection *Connection
		failure    error
		want       time.Duration
	}{{bridge, refused, stubbornDelay}, {bridge, nil, retryDelay}, {bridge, net.ErrClosed, retryDelay}, {focus, refused, retryDelay}} {
		if got := c.connection.pause(c.failure); got != c.want {
			t.Errorf("after %v: %v", c.failure, got)
		}
	}
}

func TestAStreamKnowsWhatTheServerMayHaveMissed(t *testing.T) {
	s := &stream{}
	presence := New("", "presence")
	if s.sending(presence) || len(s.take()) != 0 || s.canResume() {
		t.Error("counts before the server does")
	}
	enabled := New(nsSM, "enabled", "id", "token", "resume", "true", "max", "15")
	s.begin(&enabled)
	s.acked = 1<<32 - 2 // the count runs over
	asks := 0
	for range requestEvery {
		if s.sending(presence) {
			asks++
		}
	}
	s.sending(New(nsSM, "r"))
	s.received()
	s.acknowledge("1")
	s.acknowledge("no number")
	if missed := s.take(); asks != 1 || len(missed) != 2 || s.count() != "1" {
		t.Errorf("asked %d times, %d missed, %s handled", asks, len(missed), s.count())
	}
	s.lost()
	if !s.canResume() {
		t.Error("not to be resumed right after the loss")
	}
	s.lostAt = time.Now().Add(-16 * time.Second)
	if s.canResume() {
		t.Error("to be resumed after the server's time")
	}
}

func TestWhatComesBeforeTheStreamIsManagedIsHandledAndNotCounted(t *testing.T) {
	here, there := net.Pipe()
	s := newSession(here)
	s.decoder = xml.NewDecoder(here)
	go func() {
		_, _ = io.CopyN(io.Discard, there, int64(len(s.text(New(nsSM, "enable", "resume", "true")))))
		_, _ = io.WriteString(there, "<presence from='early'/><enabled xmlns='"+nsSM+"' id='token' resume='true'/><presence from='later'/>")
		_ = there.Close()
	}()
	features := New("", "features").With(New(nsSM, "sm"))
	if err := s.enable(&features); err != nil || s.stream.token != "token" {
		t.Fatalf("not managed: %v", err)
	}
	heard := []string{}
	_ = s.serve(func(_ *Session, stanza *Element) { heard = append(heard, stanza.Attr("from")) })
	if want := []string{"early", "later"}; !slices.Equal(heard, want) || s.stream.count() != "1" {
		t.Errorf("heard %v, counted %s", heard, s.stream.count())
	}
}
