package hcl

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// The kinds of names, each with names of its own. A let shares CEL's scope with signals; checkScope and isSignal see to that.
const (
	kindLevel   = "level"
	kindSignal  = "signal"
	kindParam   = "param"
	kindList    = "list"
	kindLet     = "let"
	kindPosture = "posture"
	kindAction  = "action"
	kindRule    = "rule"
	kindTest    = "test"
	kindFixture = "fixture"
)

// declare notes a name, or reports that it is taken; the first of two stays.
func (d *decoder) declare(kind, name string, at diag.Span) bool {
	names := d.names[kind]
	if names == nil {
		names = make(map[string]diag.Span)
		d.names[kind] = names
	}
	if first, twice := names[name]; twice {
		related(d.errorf(at, codeDuplicate, "the "+kind+" `"+name+"` is there twice", "names are unique within their kind, over all files"), "first here", first)
		return false
	}
	names[name] = at
	return true
}

// checkName checks what every name must be: docs/language.md, "Files".
func (d *decoder) checkName(at diag.Span, name string) bool {
	switch {
	case name == "":
		d.errorf(at, codeName, "the name is empty", "")
	case len(name) > policy.MaxNameBytes:
		d.errorf(at, codeLimit, "the name is longer than 128 bytes", "")
	case strings.ContainsFunc(name, unicode.IsControl):
		d.errorf(at, codeName, "the name holds a control character", "")
	case !utf8.ValidString(name):
		d.errorf(at, codeName, "the name is not UTF-8", "")
	default:
		return true
	}
	return false
}

// checkAttrName checks the name of an object's attribute: it must be one that CEL can select, if need be in backticks.
func (d *decoder) checkAttrName(at diag.Span, name string) bool {
	if !d.checkName(at, name) {
		return false
	}
	odd := strings.IndexFunc(name, func(r rune) bool { return !isWordRune(r) && !strings.ContainsRune("-./ ", r) })
	if odd >= 0 {
		d.errorf(at, codeName, "`"+name+"` cannot be an attribute's name", "conditions select it by name: letters, digits and `_`, or also `-`, `.`, `/` and spaces if conditions write it in backticks")
	}
	return odd < 0
}

func isWordRune(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isIdentifier reports whether a name is an identifier of CEL's grammar.
func isIdentifier(name string) bool {
	return name != "" && !('0' <= name[0] && name[0] <= '9') && strings.IndexFunc(name, func(r rune) bool { return !isWordRune(r) }) < 0
}

// checkIdentifier checks a name that conditions write bare: a signal's or a let's. Other names stand behind a dot, in backticks if need be.
func (d *decoder) checkIdentifier(at diag.Span, name string) bool {
	if !isIdentifier(name) {
		dg := d.errorf(at, codeName, "`"+name+"` cannot be written in a condition", "conditions write the name as it is: letters, digits and `_`, the first no digit")
		dg.Suggestion = identifierFrom(name)
		return false
	}
	if slices.Contains(celWords(), name) {
		d.errorf(at, codeReserved, "`"+name+"` is a word of CEL's grammar", "conditions write the name as it is: take another")
		return false
	}
	return true
}

// identifierFrom makes an identifier of a name, or "".
func identifierFrom(name string) string {
	s := strings.Map(func(r rune) rune {
		if isWordRune(r) {
			return r
		}
		return '_'
	}, name)
	if !isIdentifier(s) || strings.Trim(s, "_") == "" {
		return ""
	}
	return s
}

// celWords are the words that CEL's grammar takes for itself, and those that the CEL specification keeps from variables.
func celWords() []string {
	return []string{
		"true", "false", "null", "in",
		"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace",
		"return", "var", "void", "while",
	}
}

// scopeNames are the names that a condition's scope has by itself.
func scopeNames() []string {
	return []string{"resource", "now", "posture", "postures", "param", "list", "level"}
}

// celNames are CEL's types and the namespaces of its libraries.
func celNames() []string {
	return []string{
		"bool", "int", "uint", "double", "string", "bytes", "map", "type", "null_type", "dyn", "optional_type", "google",
		"cel", "math", "strings", "sets", "lists", "base64", "optional", "regex", "ip", "cidr", "net",
	}
}

// checkScope checks a name that conditions write bare: a signal's or a let's.
func (d *decoder) checkScope(at diag.Span, kind, name string) bool {
	switch {
	case !d.checkIdentifier(at, name):
		return false
	case name == "resource":
		d.errorf(at, codeReserved, "a "+kind+" cannot be called `resource`", "each action declares its own: `resource = object({…})` in the action")
	case slices.Contains(scopeNames(), name):
		d.errorf(at, codeReserved, "a "+kind+" cannot be called `"+name+"`", "conditions have `"+name+"` by itself")
	case slices.Contains(celNames(), name):
		d.errorf(at, codeReserved, "a "+kind+" cannot be called `"+name+"`", "it is the name of a type or library of CEL")
	default:
		return true
	}
	return false
}

// isActionName reports whether a name is dotted lower-case words.
func isActionName(name string) bool {
	for word := range strings.SplitSeq(name, ".") {
		if word == "" || word[0] < 'a' || word[0] > 'z' {
			return false
		}
		if strings.IndexFunc(word, func(r rune) bool { return !isWordRune(r) && r != '-' || 'A' <= r && r <= 'Z' }) >= 0 {
			return false
		}
	}
	return true
}

// refTo resolves a literal that names something declared; names are for the suggestion.
func refTo[T any](d *decoder, l lit, kind string, declared map[string]T, names func() []string, detail string) (found T, ok bool) {
	name, ok := d.text(l, false)
	if !ok {
		return found, false
	}
	if found, ok = declared[name.Value]; !ok {
		dg := d.errorf(l.inner(), codeUnknownName, "there is no "+kind+" `"+short(name.Value)+"`", detail)
		d.suggest(dg, name.Value, names)
	}
	return found, ok
}

func levelNames(p *policy.Policy) []string {
	names := make([]string, len(p.Levels))
	for i, l := range p.Levels {
		names[i] = l.Name
	}
	return names
}

func postureNames(p *policy.Policy) []string {
	names := make([]string, len(p.Postures))
	for i, x := range p.Postures {
		names[i] = x.Name
	}
	return names
}

func paramNames(p *policy.Policy) []string {
	names := make([]string, len(p.Params))
	for i, x := range p.Params {
		names[i] = x.Name
	}
	return names
}

// Bounds on what patterns of actions may cost. They stand far above any policy that people write, and below what would exhaust memory.
const (
	maxMatches = 1 << 24 // comparisons of a pattern with an action's name
	maxReach   = 1 << 22 // pairs of a rule at top level and an action
)

// indexActions makes the actions' names ready for patterns. All actions have been read.
func (d *decoder) indexActions() {
	d.actionNames = make([]string, 0, len(d.actions))
	for name := range d.actions {
		d.actionNames = append(d.actionNames, name)
	}
	slices.Sort(d.actionNames)
	d.reached, d.reachSets = make(map[string][]int), make(map[string][]*policy.Action)
	d.matches, d.reach = maxMatches, maxReach
}

// actionsOf resolves the `actions` of a rule at top level. Rules that write the same patterns share one slice.
func (d *decoder) actionsOf(l lit) []*policy.Action {
	patterns, places, ok := d.texts(l, "actions")
	if !ok || d.reach < 0 || d.matches < 0 {
		return nil // wrong, or the limit has been reported
	}
	key := fmt.Sprintf("%q", patterns)
	if set, known := d.reachSets[key]; known {
		return d.withinReach(l, set)
	}
	var indices []int
	good := true
	for i, p := range patterns {
		found := d.match(p, places[i])
		good = good && len(found) > 0
		if !d.spend(len(found), places[i]) {
			return nil
		}
		indices = append(indices, found...)
	}
	slices.Sort(indices)
	indices = slices.Compact(indices)
	set := make([]*policy.Action, len(indices))
	for i, x := range indices {
		set[i] = d.actions[d.actionNames[x]]
	}
	if good {
		d.reachSets[key] = set
	}
	return d.withinReach(l, set)
}

func (d *decoder) withinReach(l lit, set []*policy.Action) []*policy.Action {
	before := d.reach
	d.reach -= len(set)
	if before >= 0 && d.reach < 0 {
		d.errorf(l.span, codeLimit, fmt.Sprintf("the rules at top level reach actions more than %d times", maxReach), "each rule is checked against each action that it reaches")
	}
	if d.reach < 0 {
		return nil
	}
	return set
}

// spend takes n from the comparisons that there may be; the first time that there are too few, it says so.
func (d *decoder) spend(n int, at diag.Span) bool {
	before := d.matches
	d.matches -= n
	if before >= 0 && d.matches < 0 {
		d.errorf(at, codeLimit, "the patterns of actions need too many comparisons", "write fewer patterns, or longer words before their first `*`")
	}
	return d.matches >= 0
}

// match returns the actions that a pattern matches; there must be one.
func (d *decoder) match(pattern string, at diag.Span) []int {
	prefix, _, wild := strings.Cut(pattern, "*")
	if !wild {
		if i, ok := slices.BinarySearch(d.actionNames, pattern); ok {
			return []int{i}
		}
		d.suggest(d.errorf(at, codeUnknownName, "there is no action `"+short(pattern)+"`", ""), pattern, func() []string { return d.actionNames })
		return nil
	}
	if known, ok := d.reached[pattern]; ok {
		return known
	}
	var found []int
	for i := sort.SearchStrings(d.actionNames, prefix); i < len(d.actionNames) && strings.HasPrefix(d.actionNames[i], prefix); i++ {
		if !d.spend(1, at) {
			return nil
		}
		if matches(pattern, d.actionNames[i]) {
			found = append(found, i)
		}
	}
	if len(found) == 0 && d.matches >= 0 {
		d.errorf(at, codeUnknownName, "the pattern `"+short(pattern)+"` matches no action", "`*` is any run of characters, dots and the empty one too")
		return nil // and is complained about at each place
	}
	d.reached[pattern] = found
	return found
}

// Matches reports whether an action's name is of a pattern, as a rule's `actions` hold them.
func Matches(pattern, name string) bool { return matches(pattern, name) }

// matches reports whether a name is of a pattern, in which `*` is any run of characters, the empty one too.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, p := range parts[1 : len(parts)-1] { // each at its first place: what comes after has the most room
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return true
}
