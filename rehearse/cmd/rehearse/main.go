// Command rehearse lets synthetic participants with real media join a room of a deployment and prints what they heard, as JSON.
// `npm run rehearse` builds it and gives it its flags (docs/REHEARSE.md).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"audio-meet/rehearse/internal/crowd"
)

type flags struct {
	crowd.Options
	url, address string
	stay         bool
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	f := read()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	f.connectTo()
	if f.stay {
		f.stayOn()
	}
	report, err := crowd.Run(ctx, f.Options)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

func read() *flags {
	f := &flags{}
	flag.StringVar(&f.url, "url", "", "of the websocket")
	flag.StringVar(&f.address, "address", "", "host:port to connect to in place of the URL's; empty: that")
	flag.StringVar(&f.Server.Domain, "domain", "", "host that participants log in to")
	flag.StringVar(&f.Conferences, "conferences", "", "component with the rooms")
	flag.StringVar(&f.Room, "room", "", "name of the room")
	regions := flag.String("regions", "", "where participants say they are, in turn, separated by commas")
	flag.IntVar(&f.Participants, "participants", 2, "how many")
	flag.IntVar(&f.Talkers, "talkers", 3, "how many talk at a time")
	flag.DurationVar(&f.Turn, "turn", 5*time.Second, "how long each talks")
	flag.DurationVar(&f.Hold, "hold", 10*time.Second, "how long they stay once all are in")
	flag.Float64Var(&f.PerSecond, "rate", 10, "joins per second")
	flag.BoolVar(&f.Relayed, "relayed", false, "media over TURN alone")
	flag.StringVar(&f.Transport, "transport", "", "of TURN: udp, tcp or tls")
	flag.DurationVar(&f.Return, "return", 0, "who is thrown out comes again within so long; 0: stays away")
	flag.BoolVar(&f.stay, "stay", false, "print a line when all are in, and stay also until stdin ends")
	flag.Parse()
	if *regions != "" {
		f.Regions = strings.Split(*regions, ",")
	}
	// No argument: other users of the machine see those.
	f.Server.User, f.Server.Password = os.Getenv("REHEARSE_USER"), os.Getenv("REHEARSE_PASSWORD")
	return f
}

// stayOn has somebody else say, by closing stdin, when it is over.
func (f *flags) stayOn() {
	over := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	f.Stay, f.In = over, func() { fmt.Println("in") }
}

// connectTo decides where connections go. Whom to trust besides the system's authorities, SSL_CERT_FILE names, for TURN as well.
func (f *flags) connectTo() {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if f.address != "" {
		dialer := &net.Dialer{Timeout: 10 * time.Second}
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, f.address)
		}
	}
	f.Server.URL, f.Server.HTTP = f.url, &http.Client{Transport: transport}
}
