package cel

import (
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// planRegex plans the functions that take a pattern, which is compiled here: cel-go's own compile it at each call. A
// pattern that is no constant, which the checker refuses, is compiled when it is known. nil if e is none of them.
func (p *planner) planRegex(e *expr.Call) run {
	var does func(at *site, re *pattern, args []ref.Val) ref.Val
	switch {
	case e.Function == "matches" && len(e.Args) == 2:
		does = matches
	case e.Function == "regex.extract" && len(e.Args) == 2:
		does = extract
	case e.Function == "regex.extractAll" && len(e.Args) == 2:
		does = extractAll
	case e.Function == "regex.replace" && (len(e.Args) == 3 || len(e.Args) == 4):
		does = replace
	default:
		return nil
	}
	compile := newPattern
	if v, ok := p.constantOf(e.Args[1]); ok {
		text, _ := v.(types.String)
		re, err := newPattern(string(text))
		compile = func(string) (*pattern, error) { return re, err }
	}
	args, at := p.plans(e.Args), p.site(e)
	return func(f *frame) ref.Val {
		vals := make([]ref.Val, len(args))
		bad := false
		for i, a := range args {
			vals[i] = a(f)
			bad = bad || failed(vals[i])
		}
		if bad {
			return strict(vals...)
		}
		for i, v := range vals {
			_, isText := v.(types.String)
			_, isInt := v.(types.Int)
			if i < 3 && !isText || i == 3 && !isInt {
				return at.noOverload()
			}
		}
		re, err := compile(string(vals[1].(types.String)))
		if err != nil {
			return at.fault(policy.BadValue, err.Error())
		}
		return does(at, re, vals)
	}
}

func matches(_ *site, re *pattern, args []ref.Val) ref.Val {
	return types.Bool(re.MatchString(string(args[0].(types.String))))
}

const manyGroups = "regular expression has more than one capturing group"

// extract is the first match, or of a pattern with a group what the group holds, unless that is empty.
func extract(at *site, re *pattern, args []ref.Val) ref.Val {
	if re.NumSubexp() > 1 {
		return at.fault(policy.InvalidArgument, manyGroups)
	}
	m := re.FindStringSubmatch(string(args[0].(types.String)))
	switch {
	case len(m) == 0:
		return types.OptionalNone
	case len(m) == 1:
		return types.OptionalOf(types.String(m[0]))
	case m[1] == "":
		return types.OptionalNone
	}
	return types.OptionalOf(types.String(m[1]))
}

// extractAll is all matches, or what the group of each holds, unless that is empty.
func extractAll(at *site, re *pattern, args []ref.Val) ref.Val {
	if re.NumSubexp() > 1 {
		return at.fault(policy.InvalidArgument, manyGroups)
	}
	s := string(args[0].(types.String))
	var out []ref.Val
	var again reread
	for m := range re.all(s, re.NumSubexp() > 0) {
		if bad := again.charge(at, re, len(s)-m[1]); bad != nil {
			return bad
		}
		if len(m) == 4 && m[2] == m[3] {
			continue // no group, or an empty one
		}
		if bad := at.chargeElements(len(out) + 1); bad != nil {
			return bad
		}
		found := m[len(m)-2:]
		out = append(out, types.String(s[found[0]:found[1]]))
	}
	return types.NewRefValList(adapter, out)
}

// replace puts a text in the place of the matches, of the first few if there is a fourth operand that is not negative.
func replace(at *site, re *pattern, args []ref.Val) ref.Val {
	s, n := string(args[0].(types.String)), types.Int(-1)
	if len(args) == 4 {
		n = args[3].(types.Int)
	}
	if n == 0 {
		return args[0]
	}
	repl, wrong := newReplacement(string(args[2].(types.String)), re.NumSubexp())
	var out strings.Builder
	var again reread
	last := 0
	for m := range re.all(s, repl.hasGroups()) {
		if wrong != "" {
			return at.wrap(wrong)
		}
		if bad := again.charge(at, re, len(s)-m[1]); bad != nil {
			return bad
		}
		before := s[last:m[0]]
		if bad := at.chargeBytes(out.Len() + len(before) + repl.size(m)); bad != nil {
			return bad
		}
		out.WriteString(before)
		repl.write(&out, s, m)
		last = m[1]
		if n--; n == 0 {
			break
		}
	}
	if bad := at.chargeBytes(out.Len() + len(s) - last); bad != nil {
		return bad
	}
	out.WriteString(s[last:])
	return types.String(out.String())
}
