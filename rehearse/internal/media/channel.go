package media

import (
	"fmt"
	"sync"

	"github.com/pion/datachannel"
	"github.com/pion/logging"
	"github.com/pion/sctp"
)

// channel is the bridge's data channel, over which it says whose sound a stream is.
type channel struct {
	mutex       sync.Mutex
	isClosed    bool
	association *sctp.Association
}

const longestMessage = 64 << 10

// OpenChannel opens the data channel as Jitsi's page does (lib-jitsi-meet, BridgeChannel.ts) and reads it until it ends.
func (t *Transport) OpenChannel() error {
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	association, err := sctp.ClientWithOptions(sctp.WithNetConn(t.dtls), sctp.WithLoggerFactory(quiet))
	if err != nil {
		return fmt.Errorf("SCTP: %w", err)
	}
	if !t.channel.keep(association) {
		return nil
	}
	// Even numbers are the DTLS client's (RFC 8832 §6).
	opened, err := datachannel.Dial(association, 0, &datachannel.Config{
		ChannelType: datachannel.ChannelTypeReliable, Label: "JVB data channel", Protocol: "http://jitsi.org/protocols/colibri", LoggerFactory: quiet,
	})
	if err != nil {
		return fmt.Errorf("data channel: %w", err)
	}
	go func() {
		buffer := make([]byte, longestMessage)
		for {
			count, err := opened.Read(buffer)
			if err != nil {
				return
			}
			t.ears.Message(buffer[:count])
		}
	}()
	return nil
}

func (c *channel) keep(association *sctp.Association) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.association = association
	if c.isClosed {
		_ = association.Close()
	}
	return !c.isClosed
}

func (c *channel) close() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.isClosed = true
	if c.association != nil {
		_ = c.association.Close()
	}
}
