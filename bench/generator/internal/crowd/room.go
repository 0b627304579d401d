package crowd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"audio-meet/bench/generator/internal/target"
)

const (
	askTimeout = 30 * time.Second
	// askPause lies between two questions about a room that is not ready: jicofo may just be leaving the last one of that name.
	askPause = 500 * time.Millisecond
)

// openRoom asks jicofo for the room on a connection of its own.
func openRoom(to *target.Target, room string) error {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	asking := &participant{room: room}
	err := asking.connect(ctx, to, false)
	if err == nil {
		err = asking.askForRoom(to.Domain)
	}
	if asking.stream != nil {
		_ = asking.stream.conn.Close()
	}
	return err
}

// askForRoom asks jicofo, as the page does before each join: again and again until the room is ready.
func (p *participant) askForRoom(domain string) error {
	for started := time.Now(); ; time.Sleep(askPause) {
		p.questions++
		id := fmt.Sprintf("room-%d", p.questions)
		said, err := p.ask(question(domain, p.room, id), "id='"+id+"'")
		if err != nil {
			return err
		}
		if strings.Contains(said, " ready='true'") {
			return nil
		}
		if strings.Contains(said, "type='error'") {
			return fmt.Errorf("jicofo does not open the room: %.300s", said)
		}
		if time.Since(started) > askTimeout {
			return fmt.Errorf("the room is not ready after %s", askTimeout)
		}
	}
}
