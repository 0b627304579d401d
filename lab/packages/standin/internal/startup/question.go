package startup

import (
	"fmt"
	"os"

	"audio-meet/lab/packages/standin/internal/hocon"
)

// AnswerQuestion does what `PROGRAM get FILE PATH` asks for and ends the process: it prints the value at PATH, or ends with code
// 1 if there is none. By it the package's own scripts learn what a configuration file says, as by the hocon tool. Variables
// count as present without being resolved. Asked for anything else it returns.
func AnswerQuestion() {
	if len(os.Args) != 4 || os.Args[1] != "get" {
		return
	}
	text, err := hocon.Raw(os.Args[2], os.Args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(text)
	os.Exit(0)
}
