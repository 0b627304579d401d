package media

import "testing"

func TestARelayIsFoundByTheNamesThatAreKnownHereAndElseByTheDNS(t *testing.T) {
	own, err := newNamedNet(Names{"turn.meet.example.org": "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := own.ResolveTCPAddr("tcp4", "turn.meet.example.org:5349")
	if err != nil || tcp.String() != "192.0.2.7:5349" {
		t.Errorf("over TCP: %v, %v", tcp, err)
	}
	udp, err := own.ResolveUDPAddr("udp4", "turn.meet.example.org:3478")
	if err != nil || udp.String() != "192.0.2.7:3478" {
		t.Errorf("over UDP: %v, %v", udp, err)
	}
	if at := (Names{"meet.example.org": "192.0.2.7"}).At("198.51.100.1:443"); at != "198.51.100.1:443" {
		t.Errorf("an address became %s", at)
	}
}
