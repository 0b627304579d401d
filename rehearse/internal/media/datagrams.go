package media

import (
	"net"
	"time"

	"github.com/pion/transport/v5/packetio"
)

// datagrams is the part of a link's packets that belongs to DTLS, as a connection of its own.
type datagrams struct {
	link   net.Conn
	buffer *packetio.Buffer
}

func newDatagrams(link net.Conn) *datagrams {
	return &datagrams{link: link, buffer: packetio.NewBuffer()}
}

func (d *datagrams) put(packet []byte) { _, _ = d.buffer.Write(packet, nil) }
func (d *datagrams) end()              { _ = d.buffer.Close() }

func (d *datagrams) ReadFrom(into []byte) (int, net.Addr, error) {
	count, _, err := d.buffer.Read(into, nil)
	return count, d.link.RemoteAddr(), err
}

func (d *datagrams) WriteTo(packet []byte, _ net.Addr) (int, error) { return d.link.Write(packet) }
func (d *datagrams) LocalAddr() net.Addr                            { return d.link.LocalAddr() }
func (d *datagrams) SetReadDeadline(t time.Time) error              { return d.buffer.SetReadDeadline(t) }
func (d *datagrams) SetDeadline(t time.Time) error                  { return d.buffer.SetReadDeadline(t) }
func (d *datagrams) SetWriteDeadline(time.Time) error               { return nil }

// The link is closed by who opened it.
func (d *datagrams) Close() error { return nil }
