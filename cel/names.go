package cel

import (
	"slices"
	"strings"
)

// Reserved returns the names that conditions have beside signals, lets, types and libraries.
func Reserved() []string { return reserved() }

// reserved are the names that conditions have beside signals and lets.
func reserved() []string {
	return []string{"level", "list", "now", "param", "posture", "postures", "resource"}
}

// taken says why a let or an iteration variable may not have a name, signals looked at; "" if it may.
func (e *Env) taken(name string) string {
	switch {
	case e.policy.SignalIndex(name) >= 0:
		return "there is a signal of that name"
	case slices.Contains(reserved(), name):
		return "the name is taken by the language"
	case typeName(name) != nil:
		return "that is the name of a type"
	case slices.Contains(e.lib.namespaces, name):
		return "that is the name of a library"
	case name == "__result__":
		return "the name is taken by the language"
	}
	return ""
}

// namespaces are the names before the dot of library functions, in order: "math", "strings".
func namespaces(functions []string) []string {
	all := []string{"cel"}
	for _, f := range functions {
		if before, _, ok := strings.Cut(f, "."); ok {
			all = append(all, before)
		}
	}
	all = append(all, "google", "net")
	slices.Sort(all)
	return slices.Compact(all)
}

// checkVariable reports an iteration variable that is called like something else.
func (b *builder) checkVariable(n *node) {
	if !b.strict {
		return
	}
	why := b.env.taken(n.name)
	if why == "" && b.env.lets[n.name] != nil {
		why = "there is a let of that name"
	}
	if why != "" {
		b.report(n, n.start, n.end, "cel-name", "a variable may not be called `"+n.name+"`: "+why, "", "")
	}
}

// IsIdentifier reports whether a name is written behind a dot as it is, without back quotes.
func IsIdentifier(name string) bool { return isName(name) }

// Quotable reports whether a name can be written behind a dot, if need be in back quotes.
func Quotable(name string) bool {
	toks := lex("`" + name + "`")
	return len(toks) == 1 && toks[0].kind == tokQuoted
}
