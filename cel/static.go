package cel

import (
	"errors"
	"net/netip"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/internal/reach"
	"github.com/rungpolicy/rung/internal/zone"
	"github.com/rungpolicy/rung/policy"
)

// Sizes of regular expressions: a pattern's text, and its program in instructions, as package regexp makes it.
const (
	maxPatternBytes = 4 << 10
	maxPatternProg  = 10_000
)

// static holds a checked text against the rules of the language that types do not say.
type static struct {
	env    *Env
	diags  diag.List
	noLazy bool // the text is a `by`
}

func (s *static) report(e expr.Expr, code, summary, detail string) {
	s.diags.Add(diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Range: e.Node().Span.Range()})
}

// check looks at a node and all below it.
func (s *static) check(root expr.Expr) {
	s.object(root, nil)
	s.addresses(root, nil)
	expr.Walk(root, func(e expr.Expr) bool {
		for _, c := range expr.Children(e) {
			s.object(c, e)
			s.addresses(c, e)
		}
		switch e := e.(type) {
		case *expr.Signal:
			if s.noLazy && e.Lazy {
				s.report(e, "cel-lazy", "`by` may not touch `"+e.Name+"`, which is lazy", "who is in must be known before anything is fetched")
			}
		case *expr.Call:
			s.call(e)
		default:
		}
		return true
	})
}

// holdsObject reports whether values of a type are objects, or lists, maps or optionals of them.
func holdsObject(t *policy.Type) bool {
	for t != nil && (t.Kind == policy.KindList || t.Kind == policy.KindMap || t.Kind == policy.KindOptional) {
		t = t.Elem
	}
	return t != nil && t.Kind == policy.KindObject
}

// object reports an object that is used otherwise than selected from, tested with `has`, or iterated over in a list.
func (s *static) object(e, parent expr.Expr) {
	t := e.Node().Type
	if !holdsObject(t) {
		return
	}
	switch e.(type) {
	case *expr.Signal, *expr.Select, *expr.Local, *expr.Index, *expr.Fold:
	default:
		return // it has its objects from below, where they are reported
	}
	single := t.Kind == policy.KindObject || t.Kind == policy.KindOptional && t.Elem.Kind == policy.KindObject
	switch p := parent.(type) {
	case *expr.Select, *expr.Has:
		return
	case *expr.Index:
		if p.Of == e {
			return
		}
	case *expr.Fold:
		if p.Range == e && !single {
			return
		}
	case *expr.Call:
		if p.Function == "size" && !single {
			return
		}
	default:
	}
	text := printable(strings.Join(strings.Fields(e.Node().Text), " "))
	if single {
		s.report(e, "cel-object", "`"+text+"` is an object, which is no value by itself", "an object can be selected from (`"+text+".name`), tested with `has()`, or iterated over in a list")
		return
	}
	s.report(e, "cel-object", "`"+text+"` holds objects, which are no values by themselves", "it can be iterated over, indexed, and measured with `size()`")
}

// addresses reports a list of ip or cidr that is used otherwise than with `in`.
func (s *static) addresses(e, parent expr.Expr) {
	l, ok := e.(*expr.List)
	if !ok || l.Type.Elem.Kind != policy.KindIP && l.Type.Elem.Kind != policy.KindCIDR {
		return
	}
	if in, ok := parent.(*expr.Call); ok && in.Function == operators.In && in.Args[1] == e {
		return
	}
	s.report(e, "cel-type", "`"+l.Text+"` is a list of addresses, which is for `in` with an ip alone", "")
}

// call holds the constants that a function needs against its rules.
func (s *static) call(c *expr.Call) {
	switch c.Function {
	case "matches", "regex.extract", "regex.extractAll", "regex.replace":
		if len(c.Args) > 1 {
			s.pattern(c.Args[1])
		}
	case "timestamp", "duration", "ip", "cidr":
		s.literal(c)
	case "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds":
		if len(c.Args) == 2 {
			s.zone(c.Args[1])
		}
	}
}

// pattern checks a regular expression: it is compiled with the policy, so it must be constant, and of a size that every engine bears.
func (s *static) pattern(e expr.Expr) {
	p, ok := constString(e)
	if !ok {
		if c, isConst := e.(*expr.Const); isConst {
			s.report(e, "cel-constant", "a regular expression is a string, not "+describe(c.Type), "")
			return
		}
		s.report(e, "cel-constant", "a regular expression must be constant", "it is compiled with the policy: write it here or in a `let`, not in a param or signal")
		return
	}
	if err := s.env.pattern(p).err; err != nil {
		s.report(e, "cel-regex", "the regular expression is not valid: "+err.Error(), "the syntax is RE2's")
	}
}

func checkPattern(p string) error {
	if len(p) > maxPatternBytes {
		return errors.New("it is longer than " + strconv.Itoa(maxPatternBytes) + " bytes")
	}
	re, err := syntax.Parse(p, syntax.Perl)
	if err != nil {
		var e *syntax.Error
		if errors.As(err, &e) {
			return errors.New(e.Code.String() + " at `" + printable(e.Expr) + "`")
		}
		return errors.New("it does not parse")
	}
	if _, err := syntax.Parse(behind(p), syntax.Perl); err != nil {
		return errors.New("it is nested too deep")
	}
	if progSize(re) > maxPatternProg {
		return errors.New("it is too large: repetitions multiply what they repeat")
	}
	return nil
}

// checkedPattern is what is known of a pattern's text.
type checkedPattern struct {
	err    error
	length uint64
	size   uint64 // progSize, 0 if it is not valid
	reach  uint64 // of package reach
}

// pattern checks a pattern, once.
func (e *Env) pattern(text string) checkedPattern {
	if known, ok := e.patterns.Load(text); ok {
		return known.(checkedPattern)
	}
	p := checkedPattern{length: uint64(len(text)), err: checkPattern(text)}
	if re, err := syntax.Parse(text, syntax.Perl); err == nil && p.err == nil {
		p.size, p.reach = uint64(progSize(re)), uint64(reach.Of(re))
	}
	e.patterns.Store(text, p)
	return p
}

// progSize is how many instructions package regexp makes of a pattern, with all repetitions written out, without making them.
func progSize(re *syntax.Regexp) int {
	const ends = 2 // match and fail
	return ends + instructions(re)
}

func instructions(re *syntax.Regexp) int {
	const most = 1 << 30
	n := 0
	for _, sub := range re.Sub {
		n = min(n+instructions(sub), most)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCapture:
		return n + 2
	case syntax.OpStar:
		if matchesEmpty(re.Sub[0]) {
			return n + 2
		}
		return n + 1
	case syntax.OpPlus, syntax.OpQuest:
		return n + 1
	case syntax.OpAlternate:
		return n + len(re.Sub) - 1
	case syntax.OpRepeat:
		return min(repeated(re, n), most)
	case syntax.OpConcat:
		return n
	default: // one character, or none
		return 1
	}
}

// repeated is the instructions of a repetition of what has n: x{2,} is xx+, x{2,4} is xx(x(x)?)?.
func repeated(re *syntax.Regexp, n int) int {
	switch {
	case re.Max == 0:
		return 1
	case re.Max > 0:
		return n*re.Min + (n+1)*(re.Max-re.Min)
	case re.Min == 0 && matchesEmpty(re.Sub[0]):
		return n + 2
	}
	return n*max(re.Min, 1) + 1
}

// matchesEmpty reports whether a pattern may match nothing: then a star of it takes a `?` besides.
func matchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return matchesEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || matchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !matchesEmpty(sub) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, matchesEmpty)
	default:
		return true
	}
}

// zone checks the zone of a time's part, where it is constant. Only offsets may be computed.
func (s *static) zone(e expr.Expr) {
	name, ok := constString(e)
	if !ok {
		return
	}
	if name == "" || strings.Contains(name, ":") {
		if name != "" && !validOffset(name) {
			s.report(e, "cel-zone", "`"+printable(name)+"` is no offset from UTC", "an offset is written `+05:30`")
		}
		return
	}
	if _, err := zone.Load(name); err != nil {
		if strings.EqualFold(name, "local") {
			s.report(e, "cel-zone", "`Local` differs from machine to machine", "name the zone: `Europe/Vienna`, `UTC`")
			return
		}
		s.report(e, "cel-zone", "unknown time zone `"+printable(name)+"`", "zones have IANA's names: `Europe/Vienna`, `UTC`")
	}
}

// validOffset reports whether cel-go takes an offset: hours from -23 to 23, minutes from 0 to 59.
func validOffset(s string) bool {
	h, m, _ := strings.Cut(s, ":")
	hours, err := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	return err == nil && err2 == nil && hours >= -23 && hours <= 23 && minutes >= 0 && minutes <= 59
}

// literal reports a conversion of a literal that can never succeed.
func (s *static) literal(c *expr.Call) {
	if len(c.Args) != 1 {
		return
	}
	text, ok := constString(c.Args[0])
	if !ok {
		return
	}
	detail := ""
	bad := false
	switch c.Function {
	case "timestamp":
		bad, detail = types.IsError(types.String(text).ConvertToType(types.TimestampType)), "a moment is written `2026-01-31T12:00:00Z`, with an offset or Z"
	case "duration":
		bad, detail = types.IsError(types.String(text).ConvertToType(types.DurationType)), "a length of time is written `90s`, `1h30m`, `24h`: the largest unit is `h`"
	case "ip":
		a, err := netip.ParseAddr(text)
		bad = err != nil || a.Zone() != "" || a.Is4In6()
		detail = "an address is written `192.0.2.1` or `2001:db8::1`"
	default:
		r, err := netip.ParsePrefix(text)
		bad = err != nil || r.Addr().Is4In6()
		detail = "a range of addresses is written `192.0.2.0/24`"
	}
	if bad {
		s.report(c.Args[0], "cel-value", "`"+printable(text)+"` is no "+c.Function, detail)
	}
}
