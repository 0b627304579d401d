package truststore

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

func authority(t *testing.T) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func files(t *testing.T, ca *x509.Certificate, password string) map[string]string {
	t.Helper()
	p12, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{ca}, password)
	if err != nil {
		t.Fatal(err)
	}
	store := keystore.New()
	entry := keystore.TrustedCertificateEntry{
		CreationTime: time.Now(), Certificate: keystore.Certificate{Type: "X509", Content: ca.Raw},
	}
	if err := store.SetTrustedCertificateEntry("ca", entry); err != nil {
		t.Fatal(err)
	}
	var jks bytes.Buffer
	if err := store.Store(&jks, []byte(password)); err != nil {
		t.Fatal(err)
	}
	written := map[string]string{}
	for name, data := range map[string][]byte{"pkcs12": p12, "jks": jks.Bytes()} {
		written[name] = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(written[name], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return written
}

func TestTrustsWhatTheStoreHolds(t *testing.T) {
	ca := authority(t)
	for name, file := range files(t, ca, "changeit") {
		pool, err := Load(file, "changeit")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := ca.Verify(x509.VerifyOptions{Roots: pool}); err != nil {
			t.Errorf("%s: stored authority is not trusted: %v", name, err)
		}
		if _, err := authority(t).Verify(x509.VerifyOptions{Roots: pool}); err == nil {
			t.Errorf("%s: a foreign authority is trusted", name)
		}
		if _, err := Load(file, "wrong!"); err == nil {
			t.Errorf("%s: wrong password accepted", name)
		}
	}
}

func TestNoStoreTrustsNothing(t *testing.T) {
	pool, err := Load("", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authority(t).Verify(x509.VerifyOptions{Roots: pool}); err == nil {
		t.Error("something is trusted without a store")
	}
}
