package engines

import (
	"fmt"
	"reflect"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/lang"
)

type celMode int

const (
	celMap celMode = iota
	celNative
	celFlat
)

// fieldTypes are the types of the attributes, under dotted names.
func fieldTypes() map[string]*cel.Type {
	m := map[string]*cel.Type{}
	t := reflect.TypeFor[bank.Signals]()
	for i := range t.NumField() {
		root := t.Field(i)
		for k := range root.Type.NumField() {
			f := root.Type.Field(k)
			ct := map[reflect.Kind]*cel.Type{
				reflect.String: cel.StringType, reflect.Bool: cel.BoolType, reflect.Int64: cel.IntType,
				reflect.Float64: cel.DoubleType, reflect.Slice: cel.ListType(cel.StringType), reflect.Struct: cel.TimestampType,
			}[f.Type.Kind()]
			m[root.Tag.Get("json")+"."+f.Tag.Get("json")] = ct
		}
	}
	return m
}

func celEnv(mode celMode) (*cel.Env, error) {
	opts := []cel.EnvOption{ext.Network()}
	signals := reflect.TypeFor[bank.Signals]()
	switch mode {
	case celMap:
		for i := range signals.NumField() {
			opts = append(opts, cel.Variable(signals.Field(i).Tag.Get("json"), cel.MapType(cel.StringType, cel.DynType)))
		}
	case celNative:
		opts = append(opts, ext.NativeTypes(ext.ParseStructTag("json"), signals))
		for i := range signals.NumField() {
			f := signals.Field(i)
			opts = append(opts, cel.Variable(f.Tag.Get("json"), cel.ObjectType("bank."+f.Type.Name())))
		}
	case celFlat:
		for name, t := range fieldTypes() {
			opts = append(opts, cel.Variable(name, t))
		}
	}
	return cel.NewEnv(opts...)
}

type celRule struct {
	deny          bool
	level, maxAge int64
	prg           cel.Program
}

type celLoaded struct {
	mode  celMode
	rules map[string][]celRule
}

func loadCEL(p *bank.Policy, mode celMode) (Loaded, error) {
	env, err := celEnv(mode)
	if err != nil {
		return nil, err
	}
	l := &celLoaded{mode: mode, rules: map[string][]celRule{}}
	for _, r := range p.Rules {
		ast, iss := env.Compile(lang.CEL(r.When))
		if iss.Err() != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, iss.Err())
		}
		prg, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return nil, err
		}
		l.rules[r.Action] = append(l.rules[r.Action], celRule{r.Deny, r.Level, r.MaxAge, prg})
	}
	return l, nil
}

// celInput carries what the host needs beside the activation.
type celInput struct {
	act cel.Activation
	c   *bank.Context
}

func (l *celLoaded) Prepare(c *bank.Context) any {
	switch l.mode {
	case celMap:
		a, err := cel.NewActivation(c.Map())
		if err != nil {
			panic(err)
		}
		return &celInput{a, c}
	case celNative:
		a, err := cel.NewActivation(map[string]any{
			"subject": &c.Subject, "session": &c.Session, "device": &c.Device,
			"network": &c.Network, "behavior": &c.Behavior, "env": &c.Env, "resource": &c.Resource,
		})
		if err != nil {
			panic(err)
		}
		return &celInput{a, c}
	case celFlat:
	}
	return &celInput{(*flat)(c), c}
}

func (l *celLoaded) Decide(in any) (bank.Decision, error) {
	ci := in.(*celInput)
	req := bank.Baseline
	rules := l.rules[ci.c.Action]
	for i := range rules {
		r := &rules[i]
		v, _, err := r.prg.Eval(ci.act)
		if err != nil {
			return bank.Decision{}, err
		}
		if v == types.True {
			req.Add(r.deny, r.level, r.maxAge)
		}
	}
	return req.Meet(&ci.c.Session), nil
}

// flat is an activation that hands out attributes under their dotted names.
type flat bank.Context

// Parent implements cel.Activation.
func (f *flat) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
//
//nolint:funlen // an attribute a case
func (f *flat) ResolveName(n string) (any, bool) {
	n = strings.TrimPrefix(n, ".")
	switch n {
	case "subject.id":
		return f.Subject.ID, true
	case "subject.groups":
		return f.Subject.Groups, true
	case "subject.role":
		return f.Subject.Role, true
	case "subject.country":
		return f.Subject.Country, true
	case "subject.mfa_enrolled":
		return types.Bool(f.Subject.MFAEnrolled), true
	case "subject.tenure_days":
		return types.Int(f.Subject.TenureDays), true
	case "session.acr":
		return f.Session.ACR, true
	case "session.amr":
		return f.Session.AMR, true
	case "session.auth_time":
		return types.Timestamp{Time: f.Session.AuthTime}, true
	case "session.age":
		return types.Int(f.Session.Age), true
	case "device.id":
		return f.Device.ID, true
	case "device.trusted":
		return types.Bool(f.Device.Trusted), true
	case "device.managed":
		return types.Bool(f.Device.Managed), true
	case "device.os":
		return f.Device.OS, true
	case "device.last_seen_days":
		return types.Int(f.Device.LastSeenDays), true
	case "network.ip":
		return f.Network.IP, true
	case "network.asn":
		return types.Int(f.Network.ASN), true
	case "network.country":
		return f.Network.Country, true
	case "network.reputation":
		return types.Double(f.Network.Reputation), true
	case "network.tor":
		return types.Bool(f.Network.Tor), true
	case "network.vpn":
		return types.Bool(f.Network.VPN), true
	case "behavior.failed_logins_1h":
		return types.Int(f.Behavior.FailedLogins1h), true
	case "behavior.impossible_travel":
		return types.Bool(f.Behavior.ImpossibleTravel), true
	case "behavior.new_payee":
		return types.Bool(f.Behavior.NewPayee), true
	case "env.threat":
		return f.Env.Threat, true
	case "resource.amount":
		return types.Double(f.Resource.Amount), true
	case "resource.currency":
		return f.Resource.Currency, true
	case "resource.payee_country":
		return f.Resource.PayeeCountry, true
	case "resource.owner":
		return f.Resource.Owner, true
	}
	return nil, false
}
