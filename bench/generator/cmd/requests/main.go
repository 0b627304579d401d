// Command requests asks nginx for one path at a steady rate and prints how many answers had which status: what a rate limit does.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"audio-meet/bench/generator/internal/target"
)

type request struct {
	path, body string
	upgrade    bool
}

func main() {
	open := target.Register()
	var asked request
	flag.StringVar(&asked.path, "path", "/xmpp-websocket", "path to ask for")
	flag.StringVar(&asked.body, "body", "", "body; with one it is a POST of JSON")
	flag.BoolVar(&asked.upgrade, "upgrade", false, "ask for a websocket, and close it at once")
	count := flag.Int("count", 100, "how many requests")
	perSecond := flag.Float64("per-second", 100, "how many in a second")
	flag.Parse()
	to, err := open()
	if err != nil {
		fmt.Fprintf(os.Stderr, "requests: %v\n", err)
		os.Exit(1)
	}
	started := time.Now()
	statuses := flood(to, asked, *count, *perSecond)
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"seconds":  time.Since(started).Seconds(),
		"statuses": statuses,
	})
}

// flood sends at its rate whether or not answers come.
func flood(to *target.Target, asked request, count int, perSecond float64) map[string]int {
	client := to.Client(30 * time.Second)
	if asked.upgrade {
		// A websocket takes a connection for itself, over HTTP/1.1.
		transport := client.Transport.(*http.Transport)
		transport.ForceAttemptHTTP2 = false
	}
	statuses := map[string]int{}
	var mutex sync.Mutex
	var all sync.WaitGroup
	started := time.Now()
	for i := range count {
		time.Sleep(time.Until(started.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))))
		all.Add(1)
		go func() {
			defer all.Done()
			status := once(client, to.Domain, asked)
			mutex.Lock()
			defer mutex.Unlock()
			statuses[status]++
		}()
	}
	all.Wait()
	return statuses
}

func once(client *http.Client, domain string, asked request) string {
	method := http.MethodGet
	if asked.body != "" {
		method = http.MethodPost
	}
	question, err := http.NewRequest(method, "https://"+domain+asked.path, bytes.NewReader([]byte(asked.body)))
	if err != nil {
		return err.Error()
	}
	if asked.body != "" {
		question.Header.Set("Content-Type", "application/json")
	}
	if asked.upgrade {
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "xmpp",
		} {
			question.Header.Set(name, value)
		}
	}
	response, err := client.Do(question)
	if err != nil {
		return "no answer"
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		// Read to the end, so that the connection serves the next request.
		_, _ = io.Copy(io.Discard, response.Body)
	}
	return strconv.Itoa(response.StatusCode)
}
