// Command stays keeps a crowd in one room through nginx, whatever happens there, until its stdin ends. It prints a JSON line for
// each thing that somebody notices.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"audio-meet/bench/generator/internal/crowd"
	"audio-meet/bench/generator/internal/target"
)

func main() {
	open := target.Register()
	lines := json.NewEncoder(os.Stdout)
	stay := &crowd.Stay{Say: func(event crowd.Event) { _ = lines.Encode(event) }}
	flag.StringVar(&stay.Room, "room", "stays", "name of the room")
	flag.IntVar(&stay.Participants, "participants", 200, "how many stay")
	flag.IntVar(&stay.Visitors, "visitors", 0, "how many come and go all the time, each in a room of its own")
	flag.Float64Var(&stay.PerSecond, "per-second", 30, "how many arrive in a second")
	flag.DurationVar(&stay.Again, "again", 3*time.Second, "longest pause before somebody who fell out tries again")
	flag.DurationVar(&stay.Ping, "ping", 10*time.Second, "time between two pings of somebody")
	flag.DurationVar(&stay.Answer, "answer", 5*time.Second, "how long an answer may take; two that do not come end a connection")
	flag.DurationVar(&stay.Late, "late", 2*time.Second, "the shortest wait for an answer that is told of")
	flag.Parse()
	var err error
	if stay.To, err = open(); err != nil {
		fmt.Fprintf(os.Stderr, "stays: %v\n", err)
		os.Exit(1)
	}
	ctx, end := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	stay.Run(ctx)
}
