package cel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/containers"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	celext "cel.dev/cel-go/ext"
	"cel.dev/cel-go/parser"

	"github.com/rungpolicy/rung/cel/ext"
	"github.com/rungpolicy/rung/internal/spell"
	"github.com/rungpolicy/rung/policy"
)

// What the environment has beside cel-go's functions.
const (
	// hasSignal is `has(signal)`, of which cel-go knows nothing.
	hasSignal = "@has"
	// inAddresses is the overload of `ip in list.name`.
	inAddresses = "in_addresses"
	// poison is a variable that fits everywhere: it stands where an error has been reported already.
	poison = "@error"
)

// addressesType is the type of a policy's list of ip or cidr: nothing but `in` takes one.
var addressesType = types.NewOpaqueType("addresses")

// basis is what all environments share: the functions, and the macros by their key.
type basis struct {
	env     *celgo.Env
	checker *checker.Env
	macros  map[string]parser.Macro
	// functions are the names of the functions and macros that authors write, in order; namespaces what stands before the dot of some.
	functions, namespaces []string
	holders               *sync.Pool
	growths               growths
}

// theBasis makes the library when it is first asked for, once: that takes some 50 ms, and it never changes.
var theBasis = sync.OnceValue(func() *basis {
	options := append(ext.Options(),
		celgo.CrossTypeNumericComparisons(true),
		celgo.Function(hasSignal, celgo.Overload("has_signal", []*celgo.Type{celgo.DynType}, celgo.BoolType)),
		celgo.Function(operators.In,
			celgo.Overload(inAddresses, []*celgo.Type{celext.IPType, addressesType}, celgo.BoolType)),
	)
	env, err := celgo.NewEnv(options...)
	if err != nil {
		panic(fmt.Sprintf("cel: the libraries do not fit together: %v", err))
	}
	lib := &basis{env: env, holders: newHolders(env), growths: newGrowths(env), macros: make(map[string]parser.Macro)}
	for _, m := range env.Macros() {
		lib.macros[m.MacroKey()] = m
	}
	lib.checker = newChecker(&provider{})
	for _, f := range env.Functions() {
		if f.IsDeclarationDisabled() {
			continue
		}
		if err := lib.checker.AddFunctions(f); err != nil {
			panic(fmt.Sprintf("cel: function %s: %v", f.Name(), err))
		}
		if !strings.ContainsAny(f.Name(), "@_!") {
			lib.functions = append(lib.functions, f.Name())
		}
	}
	for _, m := range env.Macros() {
		lib.functions = append(lib.functions, m.Function())
	}
	lib.functions = append(lib.functions, "cel.bind", "math.greatest", "math.least")
	slices.Sort(lib.functions)
	lib.functions = slices.Compact(lib.functions)
	lib.namespaces = namespaces(lib.functions)
	return lib
})

func newChecker(p types.Provider, options ...checker.Option) *checker.Env {
	options = append(options, checker.CrossTypeNumericComparisons(true))
	env, err := checker.NewEnv(containers.DefaultContainer, p, options...)
	if err != nil {
		panic(fmt.Sprintf("cel: %v", err))
	}
	return env
}

// Env is what the conditions of a policy may name. It is safe for concurrent use.
type Env struct {
	policy  *policy.Policy
	lib     *basis
	types   *typeTable
	checker *checker.Env
	lets    map[string]*let
	// patterns are the regular expressions that have been checked: a let may put one in many times.
	patterns sync.Map
	// suggestions is for all that is checked in it.
	suggestions *spell.Budget
	topNames    func() []string
}

// NewEnv returns the environment of a policy's conditions. Where p holds only signals it is an environment for single
// expressions, the signals being their variables: those may then be of any type, and their names may have dots.
func NewEnv(p *policy.Policy) *Env {
	e := &Env{policy: p, lib: theBasis(), types: newTypeTable(), lets: make(map[string]*let), suggestions: spell.NewBudget(1 << 23)}
	e.topNames = sync.OnceValue(func() []string { return topNames(p) })
	for _, a := range p.Actions {
		e.types.resource(a.Resource)
	}
	e.checker = newChecker(&provider{table: e.types}, checker.ValidatedDeclarations(e.lib.checker))
	for _, v := range e.variables() {
		// Names that clash are reported where they are declared; here the first one counts.
		_ = e.checker.AddIdents(v)
	}
	for _, l := range p.Lets {
		if e.lets[l.Name] == nil && e.taken(l.Name) == "" {
			e.lets[l.Name] = &let{Let: l}
		}
	}
	return e
}

// variables declares everything that a condition may name. The types of signals are known to the table from here on: it is
// not changed after.
func (e *Env) variables() []*decls.VariableDecl {
	vars := []*decls.VariableDecl{
		decls.NewVariable(poison, types.ErrorType),
		decls.NewVariable("now", types.TimestampType),
		decls.NewVariable("posture", types.IntType),
		decls.NewConstant("postures.normal", types.IntType, types.Int(0)),
	}
	for _, s := range e.policy.Signals {
		vars = append(vars, decls.NewVariable(s.Name, e.types.cel(s.Type)))
	}
	for i, r := range e.types.resources {
		vars = append(vars, decls.NewVariable(resourceVariable(i), e.types.cel(r)))
	}
	for _, p := range e.policy.Params {
		vars = append(vars, decls.NewVariable("param."+p.Name, e.types.cel(p.Type)))
	}
	for _, l := range e.policy.Lists {
		vars = append(vars, decls.NewVariable("list."+l.Name, e.types.list(l.Type)))
	}
	for _, l := range e.policy.Levels {
		vars = append(vars, decls.NewConstant("level."+l.Name, types.IntType, types.Int(l.Rank)))
	}
	for _, p := range e.policy.Postures {
		vars = append(vars, decls.NewConstant("postures."+p.Name, types.IntType, types.Int(p.Rank)))
	}
	return vars
}

// resourcePrefix begins the names of the variables that `resource` is.
const resourcePrefix = "@resource"

// resourceVariable is the name under which the checker knows `resource` where it is of the distinct type i. No author can write it.
func resourceVariable(i int) string { return resourcePrefix + strconv.Itoa(i) }
