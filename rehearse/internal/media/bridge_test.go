package media

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/sctp"
	"github.com/pion/srtp/v3"

	"audio-meet/rehearse/internal/jingle"
)

// leg is a bridge's side of one participant's link, of the same parts as a real one has: ICE, DTLS, SRTP, SCTP.
type leg struct {
	agent       *ice.Agent
	certificate tls.Certificate
	link        *ice.Conn
	secured     *dtls.Conn
	in, out     *srtp.Context
	channel     chan *datachannel.DataChannel
	// onPacket gets what the participant sends, in clear.
	onPacket func(header *rtp.Header, payload []byte)
}

func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// newLeg makes a bridge's side, and the invitation to it.
func newLeg(t *testing.T) (*leg, jingle.Offer) {
	t.Helper()
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	agent, err := ice.NewAgentWithOptions(ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4}), ice.WithIncludeLoopback(),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled), ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}))
	l := &leg{agent: must(t, agent, err), certificate: certificate, channel: make(chan *datachannel.DataChannel, 1)}
	t.Cleanup(func() { _ = agent.Close() })
	done := make(chan struct{})
	var candidates []jingle.Candidate
	if err := agent.OnCandidate(func(c ice.Candidate) {
		if c == nil {
			close(done)
			return
		}
		candidates = append(candidates, jingle.Candidate{Foundation: c.Foundation(), Component: 1, Protocol: "udp", Priority: c.Priority(), IP: c.Address(), Port: c.Port(), Type: "host"})
	}); err != nil {
		t.Fatal(err)
	}
	if err := agent.GatherCandidates(); err != nil {
		t.Fatal(err)
	}
	<-done
	ufrag, password, err := agent.GetLocalUserCredentials()
	if err != nil {
		t.Fatal(err)
	}
	print := jingle.Fingerprint{Hash: "sha-256", Value: fingerprint(certificate.Certificate[0])}
	return l, jingle.Offer{HasData: true, AudioLevel: 1, Transport: jingle.Transport{Ufrag: ufrag, Password: password, Fingerprint: print, Candidates: candidates}}
}

// connect is what the bridge does once it has the participant's answer.
func (l *leg) connect(ctx context.Context, answer jingle.Transport) error {
	for _, each := range answer.Candidates {
		candidate, err := ice.NewCandidateHost(&ice.CandidateHostConfig{Network: "udp", Address: each.IP, Port: each.Port, Component: 1, Priority: each.Priority})
		if err != nil {
			return err
		}
		if err := l.agent.AddRemoteCandidate(candidate); err != nil {
			return err
		}
	}
	var err error
	if l.link, err = l.agent.Dial(ctx, answer.Ufrag, answer.Password); err != nil {
		return err
	}
	handshake := newDatagrams(l.link)
	go l.read(handshake)
	l.secured, err = dtls.ServerWithOptions(handshake, handshake.LocalAddr(), dtls.WithCertificates(l.certificate),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_80), dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithInsecureSkipVerify(true))
	if err != nil {
		return err
	}
	if err := l.secured.HandshakeContext(ctx); err != nil {
		return err
	}
	config := srtp.Config{Profile: srtp.ProtectionProfileAes128CmHmacSha1_80}
	state, _ := l.secured.ConnectionState()
	if err := config.ExtractSessionKeysFromDTLS(&state, false); err != nil {
		return err
	}
	if l.out, err = srtp.CreateContext(config.Keys.LocalMasterKey, config.Keys.LocalMasterSalt, config.Profile); err != nil {
		return err
	}
	l.in, err = srtp.CreateContext(config.Keys.RemoteMasterKey, config.Keys.RemoteMasterSalt, config.Profile)
	return err
}

// openChannel waits for the participant's data channel.
func (l *leg) openChannel() error {
	quiet := logging.NewDefaultLoggerFactory()
	association, err := sctp.ServerWithOptions(sctp.WithNetConn(l.secured), sctp.WithLoggerFactory(quiet))
	if err != nil {
		return err
	}
	opened, err := datachannel.Accept(association, &datachannel.Config{LoggerFactory: quiet})
	if err == nil {
		l.channel <- opened
	}
	return err
}

func (l *leg) read(handshake *datagrams) {
	buffer := make([]byte, bufferBytes)
	for {
		count, err := l.link.Read(buffer)
		if err != nil {
			return
		}
		packet := buffer[:count]
		if packet[0] < 128 {
			handshake.put(packet)
			continue
		}
		if l.in == nil || isControl(packet) || l.onPacket == nil {
			continue
		}
		var header rtp.Header
		if clear, err := l.in.DecryptRTP(nil, packet, &header); err == nil {
			l.onPacket(&header, clear[header.MarshalSize():])
		}
	}
}

// send forwards a packet to the participant, under the bridge's own number of the stream.
func (l *leg) send(ssrc uint32, header rtp.Header, payload []byte) error {
	header.SSRC = ssrc
	plain, err := (&rtp.Packet{Header: header, Payload: payload}).Marshal()
	if err != nil {
		return err
	}
	encrypted, err := l.out.EncryptRTP(nil, plain, nil)
	if err != nil {
		return err
	}
	_, err = l.link.Write(encrypted)
	return err
}

// join links a participant to a new leg.
func join(t *testing.T, ears Ears) (*Transport, *leg) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	bridge, offer := newLeg(t)
	certificate, err := selfsign.GenerateSelfSigned()
	transport := must(t, (*Transport)(nil), err)
	transport, err = Prepare(ctx, offer, Way{}, certificate, ears)
	transport = must(t, transport, err)
	t.Cleanup(transport.Close)
	failed := make(chan error, 1)
	go func() { failed <- bridge.connect(ctx, transport.Local()) }()
	if err := transport.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	return transport, bridge
}

// needsAddress skips where the machine has no address but its loopback: a participant does not use that.
func needsAddress(t *testing.T) {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range addresses {
		if network, ok := each.(*net.IPNet); ok && !network.IP.IsLoopback() && network.IP.To4() != nil {
			return
		}
	}
	t.Skip("this machine has no IPv4 address but its loopback")
}
