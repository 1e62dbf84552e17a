// Package codec reads requests and writes decisions as the JSON of docs/language.md, "What a decision is" and "The request's
// JSON".
//
// Reading goes twice over: a scanner holds the whole text against JSON's grammar and sizes and leaves a tape of tokens; then the
// values are built from the tape by the policy's types, straight into the form that engines read. The tape is there because
// members come in any order, and the resource has the type that the action says. encoding/json cannot be used: it takes the
// last of two equal names, turns what is not UTF-8 into U+FFFD, and has no limits.
package codec

import (
	"strconv"
	"unicode/utf8"

	"github.com/rungpolicy/rung/internal/spell"
	"github.com/rungpolicy/rung/policy"
)

// Options say how much of a request's text is believed. The zero value is for text that a caller has sent.
type Options struct {
	// Trusted takes the host's members, `now`, `posture` and `params`, from the text: for tools.
	Trusted bool
	// Lenient leaves out unknown signals and unknown attributes, of the resource too, and counts them in
	// [policy.Request.Ignored], so that an application may run ahead of its policy. Unknown members of the request, of `params` and in
	// their values are refused all the same.
	Lenient bool
}

// DecodeRequest reads a request. The result has one entry in Signals for each of the policy's signals and shares no memory with
// text; Now is zero where the text does not say it, and Posture is "" for `normal`. On an error the request is nil.
//
// Of several errors the first counts, in this order: text that is not JSON; sizes, nesting, duplicate names and bad text; the
// action; all else as it stands in the text, but that a wrong signal `session` comes before its `level`. A value that is null
// is missing: a `level` of the session, and a resource where the action has none, may be null.
func DecodeRequest(p *policy.Policy, text []byte, o Options) (*policy.Request, *policy.RequestError) {
	d := decoder{policy: p, options: o}
	return d.decode(text)
}

// decoder builds a request from the tape.
type decoder struct {
	scanner
	memory

	policy  *policy.Policy
	options Options
	// reuse says that the memory is used again, and that values may stand by their address in it.
	reuse   bool
	action  *policy.Action
	ignored int
	// lenient says whether unknown attributes are left out just now.
	lenient bool
	// sensitive says that the values just now are of a sensitive signal, and not shown.
	sensitive bool
}

func (d *decoder) decode(text []byte) (*policy.Request, *policy.RequestError) {
	if len(text) > policy.MaxRequestBytes {
		return nil, &policy.RequestError{
			Code:    policy.InvalidRequest,
			Message: "the request is longer than " + strconv.Itoa(policy.MaxRequestBytes) + " bytes",
		}
	}
	d.text = string(text)
	if n := len(text)/8 + 8; cap(d.tape) < n { // a name and its value seldom take less than 16 bytes
		d.tape = make([]token, 0, n)
	}
	if !d.scan() {
		return nil, &policy.RequestError{
			Code:    policy.InvalidRequest,
			Message: "the request is not JSON: expected " + d.wanted + " at byte " + strconv.Itoa(d.stop),
		}
	}
	if d.flaw != flawNone {
		return nil, d.flawed()
	}
	if d.signals == nil {
		d.signals = make([]policy.Value, len(d.policy.Signals))
	}
	r := &d.request
	r.Signals = d.signals
	if err := d.read(r); err != nil {
		return nil, err
	}
	r.Ignored = d.ignored
	return r, nil
}

// keptTokens is how long a tape is kept for the next request.
const keptTokens = 4096

// forget makes the decoder ready for the next request, and keeps nothing of this one.
func (d *decoder) forget() {
	tape := d.tape[:0]
	if cap(tape) > keptTokens {
		tape = nil
	}
	d.memory.reset()
	d.scanner = scanner{tape: tape}
	d.action, d.ignored, d.lenient, d.sensitive = nil, 0, false, false
}

// members calls f with the name and the token of the value of each member of an object, up to the first error.
func (d *decoder) members(object int, f func(name string, at int) *policy.RequestError) *policy.RequestError {
	for i, end := object+1, int(d.tape[object].next); i < end; i = int(d.tape[i+1].next) {
		if err := f(d.unquoted(i), i+1); err != nil {
			return err
		}
	}
	return nil
}

const root = 0 // the token of the request itself

func (d *decoder) read(r *policy.Request) *policy.RequestError {
	if d.tape[root].kind != kindObject {
		return d.mismatch("a request, which is an object", root)
	}
	if err := d.actionOf(r); err != nil {
		return err
	}
	return d.members(root, func(name string, at int) *policy.RequestError {
		switch name {
		case "action":
			return nil
		case "signals":
			return d.signalsOf(r, at)
		case "now", "posture", "params":
			if !d.options.Trusted {
				return d.refuse(at, word(name)+" is the host's to set; a caller cannot send it")
			}
			return d.host(r, name, at)
		}
		return d.refuse(at, "a request has no member "+word(name))
	})
}

// actionOf finds the action before anything else is read: the resource is typed by it.
func (d *decoder) actionOf(r *policy.Request) *policy.RequestError {
	at := d.member(root, "action")
	if at < 0 {
		return &policy.RequestError{Code: policy.InvalidRequest, Message: "the request has no action", Path: "/action"}
	}
	if d.tape[at].kind != kindString {
		return d.mismatch("the name of an action", at)
	}
	name := d.unquoted(at)
	if d.action = d.policy.Action(name); d.action == nil {
		return &policy.RequestError{Code: policy.UnknownAction, Message: "no action " + word(name) + " is declared" + likely(name, d.policy.Actions, func(a *policy.Action) string { return a.Name }), Path: "/action"}
	}
	r.Action = d.action.Name
	return nil
}

// member is the token of an object's member of that name, or -1.
func (d *decoder) member(object int, name string) int {
	for i, end := object+1, int(d.tape[object].next); i < end; i = int(d.tape[i+1].next) {
		if d.unquoted(i) == name {
			return i + 1
		}
	}
	return -1
}

// host reads a member that is the host's.
func (d *decoder) host(r *policy.Request, name string, at int) *policy.RequestError {
	d.lenient = false
	switch name {
	case "now":
		now, err := literal(d, policy.Timestamp, at, policy.ParseTimestamp)
		if err == nil {
			r.Now, r.HasNow = now, true
		}
		return err
	case "posture":
		if d.tape[at].kind != kindString {
			return d.mismatch("the name of a posture", at)
		}
		posture := d.unquoted(at)
		switch {
		case posture == "normal":
		case d.policy.Posture(posture) == nil:
			return d.refuse(at, "no posture "+word(posture)+" is declared")
		default:
			r.Posture = posture
		}
		return nil
	}
	return d.params(r, at)
}

func (d *decoder) params(r *policy.Request, at int) *policy.RequestError {
	if d.tape[at].kind != kindObject {
		return d.mismatch("an object of params", at)
	}
	r.Params = make([]policy.Value, len(d.policy.Params))
	reuse := d.reuse
	d.reuse = false // params stand for themselves
	defer func() { d.reuse = reuse }()
	return d.members(at, func(name string, at int) *policy.RequestError {
		i := d.policy.ParamIndex(name)
		if i < 0 {
			return d.refuse(at, "no param "+word(name)+" is declared")
		}
		// A param has no value that is missing: null is of the wrong type, but for `any`.
		v, err := d.value(d.policy.Params[i].Type, at)
		r.Params[i] = v
		return err
	})
}

func (d *decoder) signalsOf(r *policy.Request, at int) *policy.RequestError {
	if d.tape[at].kind != kindObject {
		return d.mismatch("an object of signals", at)
	}
	d.lenient = d.options.Lenient
	return d.members(at, func(name string, at int) *policy.RequestError {
		if name == "resource" {
			return d.resource(r, at)
		}
		i := d.signalIndex(name)
		if i < 0 {
			if d.ignores() {
				return nil
			}
			return d.refuse(at, "no signal "+word(name)+" is declared"+likely(name, d.policy.Signals, func(s *policy.Signal) string { return s.Name }))
		}
		if d.tape[at].kind == kindNull {
			r.Signals[i] = policy.Null{}
			return nil
		}
		s := d.policy.Signals[i]
		d.sensitive = s.Sensitive
		v, err := d.slot(s.Type, at)
		d.sensitive = false
		if err == nil && name == "session" {
			err = d.computed(s.Type, v, at)
		}
		r.Signals[i] = v
		return err
	})
}

// signalIndex is policy.SignalIndex: as in [slotOf], trying each is faster if there are few.
func (d *decoder) signalIndex(name string) int {
	if len(d.policy.Signals) > fewNames {
		return d.policy.SignalIndex(name)
	}
	for i, s := range d.policy.Signals {
		if s.Name == name {
			return i
		}
	}
	return -1
}

// computed refuses a session that comes with its level: that is computed from the evidence, and never the caller's.
func (d *decoder) computed(t *policy.Type, v policy.Value, at int) *policy.RequestError {
	session, ok := v.(*policy.Object)
	if !ok {
		return nil
	}
	if slot := t.Slot("level"); slot >= 0 && session.Attrs[slot] != nil {
		return d.refuse(d.member(at, "level"), "the level of a session is computed; a caller cannot send it")
	}
	return nil
}

func (d *decoder) resource(r *policy.Request, at int) *policy.RequestError {
	if d.tape[at].kind == kindNull {
		r.Resource = policy.Null{}
		return nil
	}
	if d.action.Resource == nil {
		return d.refuse(at, "the action "+word(d.action.Name)+" declares no resource")
	}
	v, err := d.value(d.action.Resource, at)
	r.Resource = v
	return err
}

// ignores reports whether a signal or attribute that the policy does not have is left out, and counts it then.
func (d *decoder) ignores() bool {
	if d.lenient {
		d.ignored++
	}
	return d.lenient
}

// shown is how many characters of a text of the request a message shows.
const shown = 40

// word is a name of the request as a message shows it.
func word(name string) string {
	q := quote(name)
	return "`" + q[1:len(q)-1] + "`"
}

// pairs is how many bytes a request may have compared to find the name that was likely meant: a bad one takes no longer than a good one.
const pairs = 1 << 17

// likely is the end of a message about a name that is not declared: which was meant, if one is near. It shows the policy's names, and never
// a value.
func likely[T any](name string, declared []T, nameOf func(T) string) string {
	names := make([]string, 0, min(len(declared), pairs/16))
	for _, x := range declared[:min(len(declared), pairs/16)] {
		names = append(names, nameOf(x))
	}
	if near, ok := spell.NewBudget(pairs).Nearest(name, names); ok {
		return "; did you mean " + word(near) + "?"
	}
	return ""
}

// quote is a text of the request as a message shows it: cut, and with escapes for what does not print or turns the text
// around.
func quote(s string) string {
	n := 0
	for i := range s {
		if n++; n > shown {
			return strconv.Quote(s[:i] + "…")
		}
	}
	return strconv.Quote(s)
}

// refuse is the error that message says of the value of a token.
func (d *decoder) refuse(at int, message string) *policy.RequestError {
	path, _ := d.path(at)
	return &policy.RequestError{Code: policy.InvalidRequest, Message: message, Path: path}
}

// mismatch is the error for a value that is something else than wanted.
func (d *decoder) mismatch(wanted string, at int) *policy.RequestError {
	return d.refuse(at, "expected "+wanted+", got "+d.came(at))
}

// came says for people what a value is.
func (d *decoder) came(at int) string {
	t := &d.tape[at]
	switch {
	case t.kind == kindNull:
		return "null"
	case t.kind == kindList:
		return "a list"
	case t.kind == kindObject:
		return "an object"
	case d.sensitive && t.kind == kindNumber:
		return "a number"
	case d.sensitive && t.kind == kindString:
		return "a string"
	case d.sensitive:
		return "true or false"
	case t.kind == kindString:
		return "the string " + quote(d.unquoted(at))
	case t.kind == kindNumber && t.end-t.start > shown:
		return "the number " + d.text[t.start:t.start+shown] + "…"
	case t.kind == kindNumber:
		return "the number " + d.text[t.start:t.end]
	}
	return d.text[t.start:t.end] // true, false
}

// flawed is the error for the flaw that the scanner has noted.
func (d *decoder) flawed() *policy.RequestError {
	path, sensitive := d.path(d.flawAt)
	message := ""
	switch d.flaw {
	case flawNone: // then nobody asks
	case flawUTF8:
		message = "the text has bytes that are not UTF-8"
	case flawSurrogate:
		message = "the text has half of a surrogate pair"
	case flawLong:
		message = "the string has " + strconv.Itoa(d.flawSize) + " bytes; at most " + strconv.Itoa(policy.MaxStringBytes) + " are allowed"
	case flawNesting:
		message = "lists and objects are nested " + strconv.Itoa(policy.MaxNesting+1) + " deep; at most " + strconv.Itoa(policy.MaxNesting) + " are allowed"
	case flawDuplicates:
		if message = "the object has a name twice"; !sensitive {
			message = "the object has the name " + word(d.flawName) + " twice"
		}
	}
	return &policy.RequestError{Code: policy.InvalidRequest, Message: message, Path: path}
}

// path is the JSON Pointer to the value of a token. In a sensitive signal it ends before the first name that the policy does
// not know: keys of a map are data, and an error goes to logs.
func (d *decoder) path(target int) (path string, sensitive bool) {
	var b []byte
	var t *policy.Type // of the value at `at`, inside a sensitive signal
	for depth, at := 0, root; at != target; depth++ {
		name, n, next := d.towards(at, target)
		switch {
		case sensitive && t.Kind == policy.KindObject && t.Slot(name) >= 0 && d.tape[at].kind == kindObject:
			t = t.Attrs[t.Slot(name)].Type
		case sensitive && t.Kind == policy.KindList && d.tape[at].kind == kindList:
			t = t.Elem
		case sensitive:
			return string(b), true
		case depth == 1 && string(b) == "/signals":
			if s := d.policy.Signal(name); s != nil && s.Sensitive {
				sensitive, t = true, s.Type
			}
		}
		b = append(b, '/')
		if d.tape[at].kind == kindList {
			b = strconv.AppendInt(b, int64(n), 10)
		} else {
			b = appendPointer(b, name)
		}
		at = next
	}
	return string(b), sensitive
}

// towards is the entry of a list or object that holds the target, or is it: its name, its place and its token.
func (d *decoder) towards(at, target int) (name string, n, entry int) {
	named := 0
	if d.tape[at].kind == kindObject {
		named = 1
	}
	i := at + 1
	for ; int(d.tape[i+named].next) <= target; n++ {
		i = int(d.tape[i+named].next)
	}
	if named == 1 {
		name = d.unquoted(i)
	}
	return name, n, i + named
}

// appendPointer appends a reference token of RFC 6901.
func appendPointer(b []byte, name string) []byte {
	for _, r := range name {
		switch r {
		case '~':
			b = append(b, "~0"...)
		case '/':
			b = append(b, "~1"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
