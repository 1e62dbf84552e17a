package rungdiff

import (
	"encoding/json"
	"strings"
)

// RequestOf returns the request in a line: the line itself, or, of a record that [rung.Log] has written as JSON, what was asked, without the signals that were masked
// there: for both policies they are missing then. It is nil for a record that has no request, since what was asked could not be read.
func RequestOf(line []byte) []byte {
	var record struct {
		ID     *json.RawMessage `json:"decision_id"`
		Input  map[string]json.RawMessage
		Masked []string
	}
	if json.Unmarshal(line, &record) != nil || record.ID == nil {
		return line
	}
	if record.Input == nil {
		return nil
	}
	var signals map[string]json.RawMessage
	if json.Unmarshal(record.Input["signals"], &signals) == nil {
		for _, path := range record.Masked {
			name := strings.TrimPrefix(path, "/signals/")
			delete(signals, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
		}
		kept, err := json.Marshal(signals)
		if err != nil {
			return line // of what was read there is none
		}
		record.Input["signals"] = kept
	}
	out, err := json.Marshal(record.Input)
	if err != nil {
		return line
	}
	return out
}
