package recorder

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
)

func (s *session) writeMetadata(joined *call) error {
	metadata := map[string]any{}
	for key, value := range s.appData {
		metadata[key] = value
	}
	metadata["meeting_url"], metadata["participants"] = s.url, []map[string]any{}
	if joined != nil {
		metadata["participants"] = joined.identities()
	}
	text, err := json.Marshal(metadata)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.directory, "metadata.json"), text, 0o644)
}

// runFinalize calls the script with the session's folder; its exit code is a line in the log and nothing else.
func (s *session) runFinalize() {
	s.log.Info("[session_id=%s] Finalizing the recording using command [%s, %s]", s.session, s.finalize, s.directory)
	output, err := exec.Command(s.finalize, s.directory).CombinedOutput()
	if len(output) > 0 {
		s.log.Info("[session_id=%s] finalize: %s", s.session, output)
	}
	code := 0
	if err != nil {
		code = -1
		if exit, ok := err.(*exec.ExitError); ok {
			code = exit.ExitCode()
		} else {
			s.log.Error("[session_id=%s] Failed to run finalize script: %v", s.session, err)
			return
		}
	}
	s.log.Info("[session_id=%s] Finalize script finished with exit value %d", s.session, code)
}
