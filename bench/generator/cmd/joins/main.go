// Command joins lets a crowd join one room through nginx, hold it and leave. It prints a JSON line when a phase ends and, as
// the last line, what it measured.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"audio-meet/bench/generator/internal/crowd"
	"audio-meet/bench/generator/internal/target"
)

func main() {
	open := target.Register()
	plan := crowd.Plan{Phase: printPhase}
	flag.StringVar(&plan.Room, "room", "benchmark", "name of the room, to which a number is added")
	flag.IntVar(&plan.Participants, "participants", 500, "how many join")
	flag.IntVar(&plan.Rooms, "rooms", 1, "rooms that they spread over")
	flag.Float64Var(&plan.PerSecond, "per-second", 10, "how many arrive in a second")
	flag.BoolVar(&plan.StreamManagement, "stream-management", true, "use it where the server offers it")
	flag.BoolVar(&plan.AskEach, "ask-each", false, "everybody asks jicofo for the room, as the page does, and not one for all")
	flag.DurationVar(&plan.Patience, "patience", 2*time.Minute, "how long after the last arrival somebody may still come in")
	flag.DurationVar(&plan.Hold, "hold", 15*time.Second, "how long all stay")
	flag.DurationVar(&plan.Interval, "interval", time.Minute, "everybody's time between two changes of his presence")
	flag.Parse()
	if err := run(open, plan); err != nil {
		fmt.Fprintf(os.Stderr, "joins: %v\n", err)
		os.Exit(1)
	}
}

func run(open func() (*target.Target, error), plan crowd.Plan) error {
	if plan.Participants < 1 || plan.Rooms < 1 || plan.PerSecond <= 0 {
		return fmt.Errorf("-participants, -rooms and -per-second must be positive")
	}
	var err error
	if plan.To, err = open(); err != nil {
		return err
	}
	report, err := crowd.Run(plan)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"report": report})
}

func printPhase(name string) {
	fmt.Printf("{\"phase\":%q,\"unixMilliseconds\":%d}\n", name, time.Now().UnixMilli())
}
