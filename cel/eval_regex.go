package cel

import (
	"regexp"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// planRegex plans the functions that take a pattern, which is compiled here: cel-go's own compile it at each call. A
// pattern that is no constant, which the checker refuses, is compiled when it is known. nil if e is none of them.
func (p *planner) planRegex(e *expr.Call) run {
	var does func(at *site, re *regexp.Regexp, args []ref.Val) ref.Val
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
	compile := regexp.Compile
	if v, ok := p.constantOf(e.Args[1]); ok {
		pattern, _ := v.(types.String)
		re, err := regexp.Compile(string(pattern))
		compile = func(string) (*regexp.Regexp, error) { return re, err }
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

func matches(_ *site, re *regexp.Regexp, args []ref.Val) ref.Val {
	return types.Bool(re.MatchString(string(args[0].(types.String))))
}

const manyGroups = "regular expression has more than one capturing group"

// extract is the first match, or of a pattern with a group what the group holds, unless that is empty.
func extract(at *site, re *regexp.Regexp, args []ref.Val) ref.Val {
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
func extractAll(at *site, re *regexp.Regexp, args []ref.Val) ref.Val {
	if re.NumSubexp() > 1 {
		return at.fault(policy.InvalidArgument, manyGroups)
	}
	s := string(args[0].(types.String))
	var out []ref.Val
	// One more than may be made is enough to know.
	for _, m := range re.FindAllStringSubmatchIndex(s, policy.MaxMadeElements+1) {
		if len(m) == 4 && m[2] == m[3] {
			continue // no group, or an empty one
		}
		found := m[len(m)-2:]
		if bad := at.chargeElements(len(out) + 1); bad != nil {
			return bad
		}
		out = append(out, types.String(s[found[0]:found[1]]))
	}
	return types.NewRefValList(adapter, out)
}

// replace puts a text in the place of the matches, of the first few if there is a fourth operand that is not negative.
func replace(at *site, re *regexp.Regexp, args []ref.Val) ref.Val {
	s, repl, n := string(args[0].(types.String)), string(args[2].(types.String)), -1
	if len(args) == 4 {
		if count := args[3].(types.Int); count >= 0 {
			n = int(min(count, types.Int(len(s)+1)))
		}
	}
	if n == 0 {
		return args[0]
	}
	var out strings.Builder
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, n) {
		out.WriteString(s[last:m[0]])
		if bad := at.expand(&out, s, re, m, repl); bad != nil {
			return bad
		}
		last = m[1]
		if bad := at.chargeBytes(out.Len()); bad != nil {
			return bad
		}
	}
	if bad := at.chargeBytes(out.Len() + len(s) - last); bad != nil {
		return bad
	}
	out.WriteString(s[last:])
	return types.String(out.String())
}

// expand writes a replacement: \1 is what the first group holds, \0 the match, \\ a backslash.
func (s *site) expand(out *strings.Builder, text string, re *regexp.Regexp, m []int, repl string) *fault {
	for i := 0; i < len(repl); i++ {
		if repl[i] != '\\' {
			out.WriteByte(repl[i])
			continue
		}
		i++
		switch {
		case i == len(repl):
			return s.fault(policy.InvalidArgument, `invalid replacement string: \ not allowed at end`)
		case repl[i] == '\\':
			out.WriteByte('\\')
		case repl[i] < '0' || repl[i] > '9':
			return s.fault(policy.InvalidArgument, `invalid replacement string: \ must be followed by a digit or \`)
		default:
			g := int(repl[i] - '0')
			if g > re.NumSubexp() {
				return s.fault(policy.InvalidArgument, "replacement string references group "+strconv.Itoa(g)+" but regex has only "+strconv.Itoa(re.NumSubexp())+" group(s)")
			}
			if m[2*g] >= 0 {
				if bad := s.chargeBytes(out.Len() + m[2*g+1] - m[2*g]); bad != nil {
					return bad
				}
				out.WriteString(text[m[2*g]:m[2*g+1]])
			}
		}
	}
	return nil
}
