// Package truststore reads the certificate authorities that a Java daemon is told to trust.
package truststore

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

// jksMagic opens every JKS file. Source: Java KeyStore format.
var jksMagic = []byte{0xfe, 0xed, 0xfe, 0xed}

// Load returns the certificates of a JKS or PKCS12 file. An empty file name gives an empty pool: nothing is
// trusted, where the real daemon would fall back on the Java runtime's own list. Errors name the file and
// whether reading, the password or the content was wrong.
func Load(file, password string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if file == "" {
		return pool, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("trust store: %w", err)
	}
	var certificates []*x509.Certificate
	if bytes.HasPrefix(data, jksMagic) {
		certificates, err = fromJKS(data, password)
	} else {
		certificates, err = pkcs12.DecodeTrustStore(data, password)
	}
	if err != nil {
		return nil, fmt.Errorf("trust store %s: %w", file, err)
	}
	if len(certificates) == 0 {
		return nil, fmt.Errorf("trust store %s: holds no trusted certificate", file)
	}
	for _, certificate := range certificates {
		pool.AddCert(certificate)
	}
	return pool, nil
}

func fromJKS(data []byte, password string) ([]*x509.Certificate, error) {
	store := keystore.New()
	if err := store.Load(bytes.NewReader(data), []byte(password)); err != nil {
		return nil, err
	}
	var certificates []*x509.Certificate
	for _, alias := range store.Aliases() {
		if !store.IsTrustedCertificateEntry(alias) {
			continue
		}
		entry, err := store.GetTrustedCertificateEntry(alias)
		if err != nil {
			return nil, err
		}
		certificate, err := x509.ParseCertificate(entry.Certificate.Content)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate)
	}
	return certificates, nil
}
