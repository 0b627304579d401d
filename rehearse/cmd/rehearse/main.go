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
	"net/url"
	"os"
	"os/signal"
	"strings"
	"time"

	"audio-meet/rehearse/internal/crowd"
	"audio-meet/rehearse/internal/media"
)

type flags struct {
	crowd.Options
	url, opener string
	names       media.Names
	stay        bool
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
	names := flag.String("names", "", "HOST=ADDRESS of hosts that no name server is asked for, separated by commas")
	flag.StringVar(&f.Server.Domain, "domain", "", "host that participants log in to")
	flag.StringVar(&f.Conferences, "conferences", "", "component with the rooms")
	flag.StringVar(&f.Room, "room", "", "name of the room")
	regions := flag.String("regions", "", "where participants say they are, in turn, separated by commas")
	flag.IntVar(&f.Participants, "participants", 2, "how many")
	flag.IntVar(&f.Talkers, "talkers", 3, "how many talk at a time")
	flag.DurationVar(&f.Turn, "turn", 5*time.Second, "how long each talks")
	flag.DurationVar(&f.Hold, "hold", 10*time.Second, "how long they stay once all are in")
	flag.DurationVar(&f.Patience, "patience", time.Minute, "how long each waits until jicofo has a bridge for it")
	flag.BoolVar(&f.UntilHeard, "until-heard", false, "they go as soon as each has heard somebody")
	flag.StringVar(&f.opener, "opener", "", "host that the first logs in to, as REHEARSE_USER with REHEARSE_PASSWORD; empty: as the others")
	flag.Float64Var(&f.PerSecond, "rate", 10, "joins per second")
	flag.BoolVar(&f.Relayed, "relayed", false, "media over TURN alone")
	flag.StringVar(&f.Transport, "transport", "", "of TURN: udp, tcp or tls")
	flag.DurationVar(&f.Return, "return", 0, "who is thrown out comes again within so long; 0: stays away")
	flag.BoolVar(&f.stay, "stay", false, "print a line when all are in, and stay also until stdin ends")
	flag.Parse()
	if *regions != "" {
		f.Regions = strings.Split(*regions, ",")
	}
	f.names = media.Names{}
	for _, each := range strings.Split(*names, ",") {
		if host, address, ok := strings.Cut(each, "="); ok {
			f.names[host] = address
		}
	}
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
// Secrets come in the environment: other users of the machine see arguments.
func (f *flags) connectTo() {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, f.names.At(address))
	}
	f.Server.URL, f.Server.HTTP, f.Names = f.url, &http.Client{Transport: transport}, f.names
	if token := os.Getenv("REHEARSE_TOKEN"); token != "" {
		f.Server.URL += "&token=" + url.QueryEscape(token)
	}
	if f.opener != "" {
		opener := f.Server
		opener.Domain, opener.User, opener.Password = f.opener, os.Getenv("REHEARSE_USER"), os.Getenv("REHEARSE_PASSWORD")
		f.Opener = &opener
	}
}
