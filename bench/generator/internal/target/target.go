// Package target is the deployment that a benchmark talks to: its name, the address where it is, and whom to trust.
package target

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// Target is one deployment, reached through its nginx alone.
type Target struct {
	// Domain is the public name; the certificate must be for it.
	Domain string
	// Address is "host:port" of nginx; empty: the domain is looked up, port 443.
	Address string
	// Login is the domain that participants log in to: the public name, or that of guests.
	Login string
	tls   *tls.Config
}

// flags as they stand on the command line.
type flags struct{ domain, address, caFile, login string }

// Register adds the flags of a target; the returned function makes it once they are parsed.
func Register() func() (*Target, error) {
	var given flags
	flag.StringVar(&given.domain, "domain", "", "public name of the deployment")
	flag.StringVar(&given.address, "address", "", "host:port of its nginx (default: the domain, 443)")
	flag.StringVar(&given.caFile, "ca", "", "file with an authority to trust beside the system's")
	flag.StringVar(&given.login, "login", "", "domain to log in to, such as that of guests (default: the domain)")
	return func() (*Target, error) { return open(given) }
}

func open(given flags) (*Target, error) {
	if given.domain == "" {
		return nil, fmt.Errorf("-domain is missing")
	}
	config := &tls.Config{ServerName: given.domain, MinVersion: tls.VersionTLS12}
	if given.caFile != "" {
		pem, err := os.ReadFile(given.caFile)
		if err != nil {
			return nil, err
		}
		// Beside the system's: the deployment may have a certificate of a public authority.
		if config.RootCAs, err = x509.SystemCertPool(); err != nil {
			return nil, err
		}
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", given.caFile)
		}
	}
	address := given.address
	if address == "" {
		address = net.JoinHostPort(given.domain, "443")
	}
	login := cmp.Or(given.login, given.domain)
	return &Target{Domain: given.domain, Address: address, Login: login, tls: config}, nil
}

// TLS is what verifies the deployment's certificate.
func (t *Target) TLS() *tls.Config { return t.tls.Clone() }

// Dial opens a TCP connection to nginx, whatever name was asked for.
func (t *Target) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, t.Address)
}

// Client is an HTTP client with connections of its own, as a browser has.
func (t *Target) Client(timeout time.Duration) *http.Client {
	transport := &http.Transport{DialContext: t.Dial, TLSClientConfig: t.TLS(), ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 64}
	return &http.Client{Transport: transport, Timeout: timeout}
}
