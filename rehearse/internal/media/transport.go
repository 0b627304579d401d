// Package media carries a participant's sound as a browser does: ICE, DTLS, SRTP, and the bridge's data channel.
package media

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"

	"audio-meet/rehearse/internal/jingle"
)

// Way is how media may travel.
type Way struct {
	// Relays are the servers of TURN with their credentials; with them nothing but relayed addresses is used.
	Relays []*stun.URI
	// Names are where the relays are, as far as the DNS need not be asked.
	Names Names
}

// Ears are told what arrives.
type Ears struct {
	Packet  func(header *rtp.Header, payload []byte)
	Message func(message []byte)
}

// Transport is one participant's link to a bridge.
type Transport struct {
	agent       *ice.Agent
	offer       jingle.Offer
	ears        Ears
	certificate tls.Certificate
	local       jingle.Transport

	ice     *ice.Conn
	dtls    *dtls.Conn
	channel channel
	sending *srtp.Context
	hearing atomic.Pointer[srtp.Context]
	mutex   sync.Mutex
	scratch []byte
	// Received counts every packet from the bridge, of whatever kind.
	Received atomic.Int64
}

const bufferBytes = 1600

// Prepare gathers the participant's own addresses.
func Prepare(ctx context.Context, offer jingle.Offer, way Way, certificate tls.Certificate, ears Ears) (*Transport, error) {
	options := []ice.AgentOption{
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}),
		// A bridge that is only slow is not given up: what is lost shows as silence.
		ice.WithFailedTimeout(time.Minute),
	}
	if len(way.Relays) > 0 {
		own, err := newNamedNet(way.Names)
		if err != nil {
			return nil, err
		}
		options = append(options, ice.WithNet(own))
		options = append(options, ice.WithUrls(way.Relays), ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeRelay}))
	}
	agent, err := ice.NewAgentWithOptions(options...)
	if err != nil {
		return nil, fmt.Errorf("ICE: %w", err)
	}
	t := &Transport{agent: agent, offer: offer, ears: ears, certificate: certificate, scratch: make([]byte, 0, bufferBytes)}
	if err := t.gather(ctx); err != nil {
		_ = agent.Close()
		return nil, err
	}
	return t, nil
}

func (t *Transport) gather(ctx context.Context) error {
	done := make(chan struct{})
	var once sync.Once
	err := t.agent.OnCandidate(func(candidate ice.Candidate) {
		if candidate == nil {
			once.Do(func() { close(done) })
			return
		}
		t.mutex.Lock()
		defer t.mutex.Unlock()
		t.local.Candidates = append(t.local.Candidates, jingle.Candidate{
			Foundation: candidate.Foundation(), Component: int(candidate.Component()), Protocol: "udp", Priority: candidate.Priority(),
			IP: candidate.Address(), Port: candidate.Port(), Type: candidate.Type().String(),
		})
	})
	if err == nil {
		err = t.agent.GatherCandidates()
	}
	if err != nil {
		return fmt.Errorf("ICE: %w", err)
	}
	select {
	case <-done:
	case <-ctx.Done():
		return fmt.Errorf("ICE: own addresses: %w", ctx.Err())
	}
	if len(t.local.Candidates) == 0 {
		return errors.New("ICE: no address of its own to send from; a relay did not answer, or refused")
	}
	t.local.Ufrag, t.local.Password, err = t.agent.GetLocalUserCredentials()
	t.local.Fingerprint = jingle.Fingerprint{Hash: "sha-256", Value: fingerprint(t.certificate.Certificate[0])}
	return err
}

// Local is the participant's half, to be told to jicofo.
func (t *Transport) Local() jingle.Transport { return t.local }

// Connect reaches the bridge; it returns when sound can be sent.
func (t *Transport) Connect(ctx context.Context) error {
	for _, each := range t.offer.Transport.Candidates {
		if each.Protocol != "udp" {
			continue
		}
		candidate, err := ice.NewCandidateHost(&ice.CandidateHostConfig{Network: "udp", Address: each.IP, Port: each.Port, Component: 1, Priority: each.Priority, Foundation: each.Foundation})
		if err != nil {
			return fmt.Errorf("ICE: candidate %s: %w", each.IP, err)
		}
		if err := t.agent.AddRemoteCandidate(candidate); err != nil {
			return fmt.Errorf("ICE: candidate %s: %w", each.IP, err)
		}
	}
	var err error
	if t.ice, err = t.agent.Accept(ctx, t.offer.Transport.Ufrag, t.offer.Transport.Password); err != nil {
		return fmt.Errorf("ICE: the bridge at %s is not reached: %w", t.Bridge(), err)
	}
	handshake := newDatagrams(t.ice)
	go t.read(handshake)
	if err := t.secure(ctx, handshake); err != nil {
		return fmt.Errorf("DTLS with the bridge at %s: %w", t.Bridge(), err)
	}
	return nil
}

func (t *Transport) secure(ctx context.Context, over net.PacketConn) error {
	secured, err := dtls.ClientWithOptions(over, over.LocalAddr(),
		dtls.WithCertificates(t.certificate),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		// A bridge's certificate is its own; the invitation says which one it is.
		dtls.WithInsecureSkipVerify(true),
		dtls.WithVerifyPeerCertificate(t.isBridge),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
	)
	if err != nil {
		return err
	}
	t.dtls = secured
	if err := secured.HandshakeContext(ctx); err != nil {
		return err
	}
	return t.takeKeys()
}

func (t *Transport) takeKeys() error {
	profile, ok := t.dtls.SelectedSRTPProtectionProfile()
	if !ok {
		return errors.New("no profile of SRTP in common")
	}
	config := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	state, ok := t.dtls.ConnectionState()
	if !ok {
		return errors.New("the handshake has no end")
	}
	if err := config.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return err
	}
	keys := config.Keys
	var err error
	if t.sending, err = srtp.CreateContext(keys.LocalMasterKey, keys.LocalMasterSalt, config.Profile); err != nil {
		return err
	}
	hearing, err := srtp.CreateContext(keys.RemoteMasterKey, keys.RemoteMasterSalt, config.Profile)
	t.hearing.Store(hearing)
	return err
}

// isBridge compares the certificate with the invitation's fingerprint.
func (t *Transport) isBridge(certificates [][]byte, _ [][]*x509.Certificate) error {
	want := t.offer.Transport.Fingerprint
	if want.Hash != "sha-256" {
		return fmt.Errorf("a fingerprint by %q is not known here", want.Hash)
	}
	if len(certificates) == 0 || !strings.EqualFold(fingerprint(certificates[0]), want.Value) {
		return errors.New("the certificate is not the one that the invitation names")
	}
	return nil
}

func fingerprint(certificate []byte) string {
	sum := sha256.Sum256(certificate)
	parts := make([]string, len(sum))
	for at, each := range sum {
		parts[at] = strings.ToUpper(hex.EncodeToString([]byte{each}))
	}
	return strings.Join(parts, ":")
}

// read tells packets apart by their first byte (RFC 7983).
func (t *Transport) read(handshake *datagrams) {
	buffer, plain := make([]byte, bufferBytes), make([]byte, 0, bufferBytes)
	var header rtp.Header
	for {
		count, err := t.ice.Read(buffer)
		if err != nil {
			handshake.end()
			return
		}
		t.Received.Add(1)
		packet := buffer[:count]
		switch hearing := t.hearing.Load(); {
		case count < 12:
		case packet[0] >= 20 && packet[0] <= 63:
			handshake.put(packet)
		case packet[0] < 128 || packet[0] > 191 || hearing == nil || isControl(packet):
		default:
			clear, err := hearing.DecryptRTP(plain, packet, &header)
			if err == nil {
				t.ears.Packet(&header, clear[header.MarshalSize():])
			}
		}
	}
}

// isControl: RTCP shares the port (RFC 5761 §4).
func isControl(packet []byte) bool { return packet[1] >= 192 && packet[1] <= 223 }

// Send sends one packet.
func (t *Transport) Send(packet *rtp.Packet) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	plain, err := packet.Marshal()
	if err != nil {
		return err
	}
	encrypted, err := t.sending.EncryptRTP(t.scratch[:0], plain, &packet.Header)
	if err != nil {
		return err
	}
	_, err = t.ice.Write(encrypted)
	return err
}

// SendControl sends RTCP.
func (t *Transport) SendControl(plain []byte) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	encrypted, err := t.sending.EncryptRTCP(nil, plain, nil)
	if err != nil {
		return err
	}
	_, err = t.ice.Write(encrypted)
	return err
}

// Bridge is the address of the bridge: the one that media goes to, or the first of the invitation.
func (t *Transport) Bridge() string {
	if pair, err := t.agent.GetSelectedCandidatePair(); err == nil && pair != nil {
		return pair.Remote.Address()
	}
	return t.offer.Transport.Candidates[0].IP
}

// Close ends the link.
func (t *Transport) Close() {
	t.channel.close()
	if t.dtls != nil {
		_ = t.dtls.Close()
	}
	_ = t.agent.Close()
}
