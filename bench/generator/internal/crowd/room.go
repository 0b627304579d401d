package crowd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"audio-meet/bench/generator/internal/target"
)

const (
	askTimeout = 30 * time.Second
	// askPause lies between two questions about a room that is not ready: jicofo may just be leaving the last one of that name.
	askPause = 500 * time.Millisecond
)

// askForRoom asks jicofo over HTTP, as the page does before each join: again and again until the room is ready.
func askForRoom(to *target.Target, room string) error {
	client := to.Client(askTimeout)
	defer client.CloseIdleConnections()
	for started := time.Now(); ; time.Sleep(askPause) {
		ready, err := askOnce(client, to.Domain, room)
		if err != nil || ready {
			return err
		}
		if time.Since(started) > askTimeout {
			return fmt.Errorf("it is not ready after %s", askTimeout)
		}
	}
}

func askOnce(client *http.Client, domain, room string) (bool, error) {
	question, err := json.Marshal(map[string]any{"room": room, "properties": map[string]string{}})
	if err != nil {
		return false, err
	}
	response, err := client.Post("https://"+domain+"/conference-request/v1", "application/json", bytes.NewReader(question))
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return false, fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	var said struct{ Ready bool }
	err = json.NewDecoder(response.Body).Decode(&said)
	return said.Ready, err
}
