// Command jicofo is the lab's stand-in for Jitsi's conference focus.
package main

import (
	"os"

	"audio-meet/lab/packages/keys"
	"audio-meet/lab/packages/standin/internal/focus"
	"audio-meet/lab/packages/standin/internal/startup"
)

func main() {
	startup.AnswerQuestion()
	environment := startup.Begin("Jicofo", focus.Version, keys.Jicofo())
	if err := focus.Run(environment); err != nil {
		environment.Log.Error("%v", err)
		os.Exit(1)
	}
}
