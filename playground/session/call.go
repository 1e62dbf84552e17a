package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/rungpolicy/rung/diag"
)

// answer is what a call comes to: a result, or why there is none.
type answer struct {
	Result any     `json:"result,omitempty"`
	Error  *failed `json:"error,omitempty"`
}

type failed struct {
	Message     string    `json:"message"`
	Diagnostics diag.List `json:"diagnostics,omitempty"`
}

// methods are what the page may call, each with its argument and result in JSON.
var methods = map[string]func(*Session, []byte) (any, error){
	"open":     method((*Session).Open),
	"decide":   method((*Session).Decide),
	"explain":  method((*Session).Explain),
	"build":    plain((*Session).Build),
	"text":     plain((*Session).Text),
	"script":   plain((*Session).Script),
	"decideAs": method((*Session).DecideAs),
	"changes":  method((*Session).Changes),
	"format":   method((*Session).Format),
	"complete": method((*Session).Complete),
	"hover":    method((*Session).Hover),
	"define":   method((*Session).Define),
	"rename":   method((*Session).Rename),
	"test":     plain((*Session).Test),
	"rollouts": method((*Session).Rollouts),
}

func method[A, R any](call func(*Session, A) (R, error)) func(*Session, []byte) (any, error) {
	return func(s *Session, text []byte) (any, error) {
		var argument A
		if err := json.Unmarshal(text, &argument); err != nil {
			return nil, err
		}
		return call(s, argument)
	}
}

func plain[R any](call func(*Session) (R, error)) func(*Session, []byte) (any, error) {
	return func(s *Session, _ []byte) (any, error) { return call(s) }
}

// Call calls a method by name, with an argument and a result in JSON: {"result": …} or {"error": {"message", "diagnostics"}}. A panic, which
// would be a bug of Rung's, is an error too, and the session is then empty.
func (s *Session) Call(name string, argument []byte) (text []byte) {
	defer func() {
		if p := recover(); p != nil {
			*s = Session{}
			text = encode(answer{Error: &failed{Message: fmt.Sprintf("rung failed, which is a bug of its: %v\n%s", p, debug.Stack())}})
		}
	}()
	call, ok := methods[name]
	if !ok {
		return encode(answer{Error: &failed{Message: "there is no method " + name}})
	}
	result, err := call(s, argument)
	if err != nil {
		f := &failed{Message: err.Error()}
		errors.As(err, &f.Diagnostics)
		return encode(answer{Error: f})
	}
	return encode(answer{Result: result})
}

func encode(a answer) []byte {
	text, err := json.Marshal(a)
	if err != nil {
		return []byte(`{"error":{"message":"an answer that is no JSON"}}`)
	}
	return text
}
