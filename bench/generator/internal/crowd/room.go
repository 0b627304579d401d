package crowd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"audio-meet/bench/generator/internal/target"
)

const askTimeout = 30 * time.Second

// askForRoom asks jicofo over HTTP, as the page does before each join.
func askForRoom(to *target.Target, room string) error {
	question, err := json.Marshal(map[string]any{"room": room, "properties": map[string]string{}})
	if err != nil {
		return err
	}
	client := to.Client(askTimeout)
	defer client.CloseIdleConnections()
	response, err := client.Post("https://"+to.Domain+"/conference-request/v1", "application/json", bytes.NewReader(question))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	var said struct{ Ready bool }
	if err := json.NewDecoder(response.Body).Decode(&said); err != nil {
		return err
	}
	if !said.Ready {
		return fmt.Errorf("it is not ready")
	}
	return nil
}
