package recorder

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The stand-in has no Chrome. What Chrome would trust it looks up where Chrome does.
var (
	// publicRoots are the authorities of Debian's ca-certificates, in the place of those that are built into Chrome.
	publicRoots = "/usr/share/ca-certificates/mozilla/*.crt"
	policies    = []string{"/etc/opt/chrome/policies/managed/*.json", "/etc/chromium/policies/managed/*.json"}
	// certificateStores lie in the home folder of whoever runs Chrome.
	certificateStores = []string{".pki/nssdb", ".local/share/pki/nssdb"}
)

const pageTimeout = 30 * time.Second

// browserTrust are the authorities that Chrome knows: its own, those of its managed policies and those of the user's store.
func browserTrust() (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	files, _ := filepath.Glob(publicRoots)
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
	for _, pattern := range policies {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if err := addPolicy(pool, file); err != nil {
				return nil, err
			}
		}
	}
	home, _ := os.UserHomeDir()
	for _, store := range certificateStores {
		addStore(pool, filepath.Join(home, store))
	}
	return pool, nil
}

// addPolicy adds what a policy file names as CACertificates: DER in base64.
func addPolicy(pool *x509.CertPool, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var policy struct{ CACertificates []string }
	if err := json.Unmarshal(text, &policy); err != nil {
		return fmt.Errorf("%s: %w: Chrome ignores the whole file", file, err)
	}
	for _, encoded := range policy.CACertificates {
		der, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return fmt.Errorf("%s: CACertificates: %w", file, err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("%s: CACertificates: %w", file, err)
		}
		pool.AddCert(certificate)
	}
	return nil
}

// addStore adds the authorities of an NSS store that are trusted for servers; certutil reads it.
func addStore(pool *x509.CertPool, folder string) {
	if _, err := os.Stat(folder); err != nil {
		return
	}
	listed, err := exec.Command("certutil", "-L", "-d", "sql:"+folder).Output()
	if err != nil {
		return
	}
	trusted := regexp.MustCompile(`(?m)^(.+?)\s+\S*C\S*,\S*,\S*\s*$`)
	for _, found := range trusted.FindAllStringSubmatch(string(listed), -1) {
		text, err := exec.Command("certutil", "-L", "-d", "sql:"+folder, "-n", found[1], "-a").Output()
		if err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
}

// page is what the page of a conference tells a browser.
type page struct{ websocket, hiddenDomain string }

// openPage loads the page of a conference and its settings, as Chrome does. Errors name the address.
func openPage(ctx context.Context, address string) (page, error) {
	trusted, err := browserTrust()
	if err != nil {
		return page{}, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	client := &http.Client{Transport: transport, Timeout: pageTimeout}
	defer transport.CloseIdleConnections()
	if _, err := get(ctx, client, address); err != nil {
		return page{}, err
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return page{}, err
	}
	parsed.Path = "/config.js"
	text, err := get(ctx, client, parsed.String())
	if err != nil {
		return page{}, err
	}
	found := page{websocket: setting(text, "websocket"), hiddenDomain: setting(text, "hiddenDomain")}
	if found.websocket == "" {
		return page{}, fmt.Errorf("%s names no websocket", parsed)
	}
	return found, nil
}

// setting is the text of a key of config.js.
func setting(text, key string) string {
	found := regexp.MustCompile(`\b` + key + `"?\s*[:=]\s*["']([^"']+)["']`).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return strings.ReplaceAll(found[1], `\/`, "/")
}

func get(ctx context.Context, client *http.Client, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", address, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<22))
	return string(text), err
}
