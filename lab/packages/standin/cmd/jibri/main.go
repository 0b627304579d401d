// Command jibri is the lab's stand-in for Jitsi's recorder.
//
// `jibri get FILE PATH` prints the value at PATH and exits 1 if there is none, as the hocon tool does for the package's scripts.
package main

import (
	"fmt"
	"os"

	"audio-meet/lab/packages/keys"
	"audio-meet/lab/packages/standin/internal/hocon"
	"audio-meet/lab/packages/standin/internal/recorder"
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
	const differs = "no browser, so no sound of its own"
	environment := startup.BeginAbove(recorder.Reference, "Jibri", recorder.Version, differs, keys.Jibri())
	if err := recorder.Run(environment); err != nil {
		environment.Log.Error("%v", err)
		os.Exit(1)
	}
}
