package bank

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Op is what an [Expr] does.
type Op uint8

// The operations, and which fields of the Expr they use.
const (
	OpAnd Op = iota
	OpOr
	OpNot
	OpBool   // Path
	OpInt    // Path Cmp Int
	OpFloat  // Path Cmp Num
	OpStr    // Path Cmp Str (== or !=)
	OpPaths  // Path Cmp Path2 (== or !=), strings
	OpIn     // Path in List
	OpInInt  // Path in Ints
	OpHas    // Str in Path (a list)
	OpPrefix // Path starts with Str
	OpCIDR   // Path (an address) lies in Str
	OpMatch  // Path matches the regular expression Str; List: wildcard patterns that say the same of generated data
	OpExists // some element of Path starts with Str; List: the elements that do in generated data
)

// Expr is a condition. Each engine's file renders it in that engine's language.
type Expr struct {
	Op    Op
	Path  string
	Path2 string
	Cmp   string
	Str   string
	Int   int64
	Num   float64
	List  []string
	Ints  []int64
	Args  []*Expr
}

// And is all of a.
func And(a ...*Expr) *Expr { return &Expr{Op: OpAnd, Args: a} }

// Or is any of a.
func Or(a ...*Expr) *Expr { return &Expr{Op: OpOr, Args: a} }

// Not is the opposite of a.
func Not(a *Expr) *Expr { return &Expr{Op: OpNot, Args: []*Expr{a}} }

// Is is a bool attribute.
func Is(path string) *Expr { return &Expr{Op: OpBool, Path: path} }

// Int is a comparison of an int attribute.
func Int(path, cmp string, n int64) *Expr { return &Expr{Op: OpInt, Path: path, Cmp: cmp, Int: n} }

// Float is a comparison of a double attribute.
func Float(path, cmp string, n float64) *Expr {
	return &Expr{Op: OpFloat, Path: path, Cmp: cmp, Num: n}
}

// Eq is that a text attribute is s.
func Eq(path, s string) *Expr { return &Expr{Op: OpStr, Path: path, Cmp: "==", Str: s} }

// Ne is that a text attribute is not s.
func Ne(path, s string) *Expr { return &Expr{Op: OpStr, Path: path, Cmp: "!=", Str: s} }

// Same is a comparison of two text attributes.
func Same(a, cmp, b string) *Expr { return &Expr{Op: OpPaths, Path: a, Path2: b, Cmp: cmp} }

// In is that a text attribute is one of l.
func In(path string, l ...string) *Expr { return &Expr{Op: OpIn, Path: path, List: l} }

// InInt is that an int attribute is one of l.
func InInt(path string, l ...int64) *Expr { return &Expr{Op: OpInInt, Path: path, Ints: l} }

// Has is that a list has s.
func Has(path, s string) *Expr { return &Expr{Op: OpHas, Path: path, Str: s} }

// Prefix is that a text attribute begins with s.
func Prefix(path, s string) *Expr { return &Expr{Op: OpPrefix, Path: path, Str: s} }

// CIDR is that an address lies in the range s.
func CIDR(path, s string) *Expr { return &Expr{Op: OpCIDR, Path: path, Str: s} }

// Match is that a text attribute matches the regular expression s; likes are wildcard patterns that say the same of the contexts drawn.
func Match(path, s string, likes ...string) *Expr {
	return &Expr{Op: OpMatch, Path: path, Str: s, List: likes}
}

// Exists is that an element of a list begins with prefix; all are those that do, of the contexts drawn.
func Exists(path, prefix string, all ...string) *Expr {
	return &Expr{Op: OpExists, Path: path, Str: prefix, List: all}
}

// Rule is one rule of one action.
type Rule struct {
	Name   string
	Action string
	Deny   bool
	Level  int64
	MaxAge int64
	When   *Expr
}

// Policy is rules over actions.
type Policy struct {
	Name    string
	Actions []string
	Rules   []Rule
}

// Test is a compiled condition of the reference evaluator.
type Test func(*Context) bool

func compare[T int64 | float64](cmp string, n T, get func(*Context) T) Test {
	switch cmp {
	case "==":
		return func(c *Context) bool { return get(c) == n }
	case "!=":
		return func(c *Context) bool { return get(c) != n }
	case "<":
		return func(c *Context) bool { return get(c) < n }
	case "<=":
		return func(c *Context) bool { return get(c) <= n }
	case ">":
		return func(c *Context) bool { return get(c) > n }
	case ">=":
		return func(c *Context) bool { return get(c) >= n }
	}
	panic("compare " + cmp)
}

var strOf = map[string]func(*Context) string{
	"subject.id": func(c *Context) string { return c.Subject.ID }, "subject.role": func(c *Context) string { return c.Subject.Role },
	"subject.country": func(c *Context) string { return c.Subject.Country }, "session.acr": func(c *Context) string { return c.Session.ACR },
	"device.id": func(c *Context) string { return c.Device.ID }, "device.os": func(c *Context) string { return c.Device.OS },
	"network.ip": func(c *Context) string { return c.Network.IP }, "network.country": func(c *Context) string { return c.Network.Country },
	"env.threat":        func(c *Context) string { return c.Env.Threat },
	"resource.currency": func(c *Context) string { return c.Resource.Currency }, "resource.owner": func(c *Context) string { return c.Resource.Owner },
	"resource.payee_country": func(c *Context) string { return c.Resource.PayeeCountry },
}

var intOf = map[string]func(*Context) int64{
	"subject.tenure_days": func(c *Context) int64 { return c.Subject.TenureDays }, "session.age": func(c *Context) int64 { return c.Session.Age },
	"device.last_seen_days": func(c *Context) int64 { return c.Device.LastSeenDays }, "network.asn": func(c *Context) int64 { return c.Network.ASN },
	"behavior.failed_logins_1h": func(c *Context) int64 { return c.Behavior.FailedLogins1h },
}

var floatOf = map[string]func(*Context) float64{
	"network.reputation": func(c *Context) float64 { return c.Network.Reputation }, "resource.amount": func(c *Context) float64 { return c.Resource.Amount },
}

var boolOf = map[string]func(*Context) bool{
	"subject.mfa_enrolled": func(c *Context) bool { return c.Subject.MFAEnrolled }, "device.trusted": func(c *Context) bool { return c.Device.Trusted },
	"device.managed": func(c *Context) bool { return c.Device.Managed }, "network.tor": func(c *Context) bool { return c.Network.Tor },
	"network.vpn": func(c *Context) bool { return c.Network.VPN }, "behavior.impossible_travel": func(c *Context) bool { return c.Behavior.ImpossibleTravel },
	"behavior.new_payee": func(c *Context) bool { return c.Behavior.NewPayee },
}

var listOf = map[string]func(*Context) []string{
	"subject.groups": func(c *Context) []string { return c.Subject.Groups }, "session.amr": func(c *Context) []string { return c.Session.AMR },
}

func must[T any](m map[string]T, k string) T {
	v, ok := m[k]
	if !ok {
		panic("unknown path " + k)
	}
	return v
}

// Compile turns a condition into Go closures: the reference the engines are held against, and the stand-in for
// hand-written code where the rules are too many to write.
func Compile(e *Expr) Test {
	switch e.Op {
	case OpAnd, OpOr:
		ts := make([]Test, len(e.Args))
		for i, a := range e.Args {
			ts[i] = Compile(a)
		}
		if e.Op == OpAnd {
			return func(c *Context) bool {
				for _, t := range ts {
					if !t(c) {
						return false
					}
				}
				return true
			}
		}
		return func(c *Context) bool {
			for _, t := range ts {
				if t(c) {
					return true
				}
			}
			return false
		}
	case OpNot:
		t := Compile(e.Args[0])
		return func(c *Context) bool { return !t(c) }
	case OpBool:
		return must(boolOf, e.Path)
	case OpInt:
		return compare(e.Cmp, e.Int, must(intOf, e.Path))
	case OpFloat:
		return compare(e.Cmp, e.Num, must(floatOf, e.Path))
	case OpStr:
		get, s, want := must(strOf, e.Path), e.Str, e.Cmp == "=="
		return func(c *Context) bool { return (get(c) == s) == want }
	case OpPaths:
		a, b, want := must(strOf, e.Path), must(strOf, e.Path2), e.Cmp == "=="
		return func(c *Context) bool { return (a(c) == b(c)) == want }
	case OpIn:
		get := must(strOf, e.Path)
		set := map[string]struct{}{}
		for _, s := range e.List {
			set[s] = struct{}{}
		}
		return func(c *Context) bool { _, ok := set[get(c)]; return ok }
	case OpInInt:
		get, l := must(intOf, e.Path), e.Ints
		return func(c *Context) bool { return slices.Contains(l, get(c)) }
	case OpHas:
		get, s := must(listOf, e.Path), e.Str
		return func(c *Context) bool { return slices.Contains(get(c), s) }
	case OpPrefix:
		get, s := must(strOf, e.Path), e.Str
		return func(c *Context) bool { return strings.HasPrefix(get(c), s) }
	case OpCIDR:
		get, p := must(strOf, e.Path), netip.MustParsePrefix(e.Str)
		return func(c *Context) bool {
			a, err := netip.ParseAddr(get(c))
			return err == nil && p.Contains(a)
		}
	case OpMatch:
		get, re := must(strOf, e.Path), regexp.MustCompile(e.Str)
		return func(c *Context) bool { return re.MatchString(get(c)) }
	case OpExists:
		get, s := must(listOf, e.Path), e.Str
		return func(c *Context) bool {
			for _, x := range get(c) {
				if strings.HasPrefix(x, s) {
					return true
				}
			}
			return false
		}
	}
	panic("op")
}
