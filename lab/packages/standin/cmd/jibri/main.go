// Command jibri is the lab's stand-in for Jitsi's recorder.
package main

import (
	"os"

	"audio-meet/lab/packages/keys"
	"audio-meet/lab/packages/standin/internal/recorder"
	"audio-meet/lab/packages/standin/internal/startup"
)

func main() {
	startup.AnswerQuestion()
	const differs = "no browser, so no sound of its own"
	environment := startup.BeginAbove(recorder.Reference, "Jibri", recorder.Version, differs, keys.Jibri())
	if err := recorder.Run(environment); err != nil {
		environment.Log.Error("%v", err)
		os.Exit(1)
	}
}
