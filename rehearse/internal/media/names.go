package media

import (
	"fmt"
	"net"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
)

// Names are hosts with their addresses: a deployment is heard before a name server knows it.
type Names map[string]string

// At is host:port with the host's address where it is known.
func (n Names) At(hostPort string) string {
	host, port, err := net.SplitHostPort(hostPort)
	if address := n[host]; err == nil && address != "" {
		return net.JoinHostPort(address, port)
	}
	return hostPort
}

// namedNet is the network of this machine, where names are looked up in `names` first.
type namedNet struct {
	transport.Net
	names Names
}

func newNamedNet(names Names) (transport.Net, error) {
	own, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("the network of this machine: %w", err)
	}
	return &namedNet{Net: own, names: names}, nil
}

// ResolveUDPAddr finds a relay over UDP.
func (n *namedNet) ResolveUDPAddr(network, address string) (*net.UDPAddr, error) {
	return n.Net.ResolveUDPAddr(network, n.names.At(address))
}

// ResolveTCPAddr finds a relay over TCP or TLS.
func (n *namedNet) ResolveTCPAddr(network, address string) (*net.TCPAddr, error) {
	return n.Net.ResolveTCPAddr(network, n.names.At(address))
}
