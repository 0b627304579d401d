package crowd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"audio-meet/bench/generator/internal/target"
)

// Room for the largest stanza that has to be read as a whole; longer ones are only counted.
const readBufferBytes = 16 << 10

var errClosed = errors.New("the server closed the connection")

// stream is XMPP over one websocket (RFC 7395): one stanza a message. It looks at no more of a message than it must: reading what
// hundreds of participants are sent has to cost far less than sending it.
type stream struct {
	conn   net.Conn
	reader *bufio.Reader
	header [ws.MaxHeaderSize]byte
	rest   int // bytes of the message last shown that are still in the reader
	writer sync.Mutex
}

func dial(ctx context.Context, to *target.Target) (*stream, error) {
	dialer := ws.Dialer{Protocols: []string{"xmpp"}, NetDial: to.Dial, TLSConfig: to.TLS()}
	status := 0
	dialer.OnStatusError = func(code int, _ []byte, _ io.Reader) { status = code }
	conn, early, _, err := dialer.Dial(ctx, "wss://"+to.Domain+"/xmpp-websocket")
	if status != 0 {
		return nil, fmt.Errorf("HTTP status %d", status)
	}
	if err != nil {
		return nil, err
	}
	if early != nil {
		conn.Close()
		return nil, errors.New("the server spoke first, which XMPP over websockets does not allow")
	}
	return &stream{conn: conn, reader: bufio.NewReaderSize(conn, readBufferBytes)}, nil
}

// next shows the beginning of the next message, up to a full buffer; it holds until the next call.
func (s *stream) next() ([]byte, error) {
	for {
		if _, err := s.reader.Discard(s.rest); err != nil {
			return nil, err
		}
		s.rest = 0
		header, err := ws.ReadHeaderBuffer(s.reader, s.header[:])
		if err != nil {
			return nil, err
		}
		s.rest = int(header.Length)
		if header.OpCode == ws.OpClose {
			return nil, errClosed
		}
		shown, err := s.reader.Peek(min(s.rest, readBufferBytes))
		if err != nil {
			return nil, err
		}
		if header.OpCode == ws.OpPing {
			if err := s.write(ws.NewPongFrame(append([]byte(nil), shown...))); err != nil {
				return nil, err
			}
		} else if header.OpCode == ws.OpText {
			return shown, nil
		}
	}
}

func (s *stream) send(stanza string) error { return s.write(ws.NewTextFrame([]byte(stanza))) }

func (s *stream) write(frame ws.Frame) error {
	bytes, err := ws.CompileFrame(ws.MaskFrameInPlace(frame))
	if err != nil {
		return err
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	// Whoever does not read for so long is gone.
	if err := s.conn.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	_, err = s.conn.Write(bytes)
	return err
}
