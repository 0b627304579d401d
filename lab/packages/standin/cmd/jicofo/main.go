// Command jicofo is the lab's stand-in for Jitsi's conference focus.
//
// `jicofo get FILE PATH` prints the value at PATH and exits 1 if there is none; the package's own scripts ask with
// it what a configuration file already says. Variables count as present without being resolved.
package main

import (
	"fmt"
	"os"

	"audio-meet/lab/packages/keys"
	"audio-meet/lab/packages/standin/internal/focus"
	"audio-meet/lab/packages/standin/internal/hocon"
	"audio-meet/lab/packages/standin/internal/startup"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "get" {
		text, err := hocon.Raw(os.Args[2], os.Args[3])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(text)
		return
	}
	environment := startup.Begin("Jicofo", focus.Version, keys.Jicofo())
	if err := focus.Run(environment); err != nil {
		environment.Log.Error("%v", err)
		os.Exit(1)
	}
}
