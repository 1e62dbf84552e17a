package lang

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/rungpolicy/rung/bench/bank"
)

// rungHead declares what the conditions look at. The ladder has no amr sets: the workload's sessions prove a level by their acr alone.
const rungHead = `policy %q {
  language = 1
  max_cost = 100000000000 # ten thousand rules in one action, in the worst case
}

level "aal1" {
  rank = 1
  acr  = ["aal1"]
}
level "aal2" {
  rank = 2
  acr  = ["aal2"]
}
level "aal3" {
  rank = 3
  acr  = ["aal3"]
}

signal "subject" {
  type = object({
    id           = string
    groups       = list(string, 32)
    role         = string
    country      = string
    mfa_enrolled = bool
    tenure_days  = int
  })
}
signal "session" {
  type = object({
    acr       = string
    amr       = list(string, 32)
    auth_time = timestamp
    age       = int
  })
}
signal "device" {
  type = object({
    id             = string
    trusted        = bool
    managed        = bool
    os             = string
    last_seen_days = int
  })
}
signal "network" {
  type = object({
    ip         = ip
    asn        = int
    country    = string
    reputation = double
    tor        = bool
    vpn        = bool
  })
}
signal "behavior" {
  type = object({
    failed_logins_1h  = int
    impossible_travel = bool
    new_payee         = bool
  })
}
signal "env" {
  type = object({
    threat = string
  })
}
`

const rungResource = `  resource = object({
    amount        = double
    currency      = string
    payee_country = string
    owner         = string
  })
`

// Sizes that keep the files of large policies under the language's limit of 1 MiB a file.
const (
	rungMostInAction = 1000 // rules; those of a larger action stand at top level
	rungFileBytes    = 900 << 10
)

// Rung is the policy in Rung's language, as a folder of files. The conditions are the text of [CEL].
func Rung(p *bank.Policy) fs.FS {
	w := &rungWriter{files: fstest.MapFS{}}
	fmt.Fprintf(&w.b, rungHead, p.Name)
	byAction := map[string][]bank.Rule{}
	for _, r := range p.Rules {
		byAction[r.Action] = append(byAction[r.Action], r)
	}
	for _, a := range p.Actions {
		rules := byAction[a]
		fmt.Fprintf(&w.b, "\naction %q {\n  level = \"aal1\"\n%s", a, rungResource)
		inside := len(rules) <= rungMostInAction
		for i, r := range rules {
			if inside {
				w.rule(i, r, "  ")
			}
		}
		w.b.WriteString("}\n")
		w.flush(rungFileBytes)
		for i, r := range rules {
			if !inside {
				w.rule(i, r, "")
				w.flush(rungFileBytes)
			}
		}
	}
	w.flush(0)
	return w.files
}

type rungWriter struct {
	files fstest.MapFS
	b     strings.Builder
}

// flush begins a new file where this one is long enough.
func (w *rungWriter) flush(most int) {
	if w.b.Len() <= most {
		return
	}
	w.files[fmt.Sprintf("%03d.rung.hcl", len(w.files))] = &fstest.MapFile{Data: []byte(w.b.String())}
	w.b.Reset()
}

func (w *rungWriter) rule(i int, r bank.Rule, indent string) {
	kind := "step_up"
	if r.Deny {
		kind = "deny"
	}
	fmt.Fprintf(&w.b, "\n%s%s \"r%d\" {\n", indent, kind, i)
	attr := func(name, value string) { fmt.Fprintf(&w.b, "%s  %s = %s\n", indent, name, value) }
	if indent == "" {
		attr("actions", "["+strconv.Quote(r.Action)+"]")
	}
	attr("when", strconv.Quote(CEL(r.When)))
	if !r.Deny {
		attr("level", fmt.Sprintf("\"aal%d\"", r.Level))
		if r.MaxAge > 0 {
			attr("max_age", fmt.Sprintf("\"%ds\"", r.MaxAge))
		}
	}
	w.b.WriteString(indent + "}\n")
}
