// Command videobridge is the lab's stand-in for Jitsi's videobridge.
package main

import (
	"os"

	"audio-meet/lab/packages/keys"
	"audio-meet/lab/packages/standin/internal/bridge"
	"audio-meet/lab/packages/standin/internal/startup"
)

func main() {
	environment := startup.Begin("JVB", bridge.Version, keys.Videobridge())
	if err := bridge.Run(environment); err != nil {
		environment.Log.Error("%v", err)
		os.Exit(1)
	}
}
