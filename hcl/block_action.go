package hcl

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func blockAction() *Block {
	return &Block{
		Type: "action", Label: "action", Top: true,
		Doc: "A critical action of the application, its baseline level, and the rules that are its own.",
		Attrs: []Attr{
			{Name: "description", Form: "string", Doc: "what the action does"},
			{Name: "http", Form: "list of string", Doc: "how middleware finds the action: patterns as of Go's net/http, `POST /accounts/{account}/transfers`"},
			{Name: "grpc", Form: "list of string", Doc: "full method names, `/bank.v1.Transfers/Create`"},
			{Name: "level", Form: "string", Required: true, Doc: "the baseline, before any rule: a level, or `none`, which opens it to anybody"},
			{Name: "resource", Form: "type", Doc: "the attributes of the action's target: `object({ amount = double })`"},
		},
		Nested: []string{"step_up", "deny"},
		decode: decodeAction, finish: finishActions,
	}
}

func decodeAction(d *decoder, b *body) {
	if !isActionName(b.name) {
		d.errorf(b.label, codeName, "`"+b.name+"` is no action's name", "dotted lower-case words: `transfer.create`").Suggestion = actionNameFrom(b.name)
	}
	if !d.declare(kindAction, b.name, b.label) {
		return
	}
	a := &policy.Action{Name: b.name, Range: b.header.Range()}
	a.Description, _ = d.attrText(b, "description")
	d.decodeBaseline(b, a)
	d.decodeResource(b, a)
	a.HTTP = d.decodeHTTP(b)
	a.GRPC = d.decodeGRPC(b)
	d.actions[b.name] = a
	d.policy.Actions = append(d.policy.Actions, a)
	for _, x := range b.hcl.Blocks {
		if kind := d.kinds[x.Type]; slices.Contains(b.kind.Nested, x.Type) {
			if rule, ok := d.openBlock(b.src, kind, x); ok {
				d.decodeRule(rule, a)
			}
		}
	}
}

// actionNameFrom makes an action's name of one that is none, or "".
func actionNameFrom(name string) string {
	s := strings.Map(func(r rune) rune {
		if r == ' ' || r == '/' || r == ':' {
			return '.'
		}
		return r
	}, strings.ToLower(name))
	if s == name || !isActionName(s) {
		return ""
	}
	return s
}

func (d *decoder) decodeBaseline(b *body, a *policy.Action) {
	l, ok := d.attrLit(b, "level")
	if !ok {
		return
	}
	a.LevelRange = l.span.Range()
	if t, ok := readTextQuietly(l); ok && t == "none" {
		return
	}
	a.Level, _ = refTo(d, l, "level", d.levels, func() []string { return append(levelNames(d.policy), "none") }, "")
}

// readTextQuietly reads text and leaves complaints to others.
func readTextQuietly(l lit) (string, bool) {
	if l.kind != litText {
		return "", false
	}
	t, faults := readText(l.span)
	return t.Value, len(faults) == 0
}

func (d *decoder) decodeResource(b *body, a *policy.Action) {
	if b.attr("resource") == nil {
		return
	}
	t, ok := d.attrTypeExpr(b, "resource", "resource")
	if ok && t.Kind != policy.KindObject {
		at := b.attr("resource").Expr.Range()
		d.errorf(b.span(at.Start.Byte, at.End.Byte), codeType, "a resource is an object", "write `object({ amount = double })`")
		t = policy.Any
	}
	a.Resource = t
}

// decodeHTTP reads patterns; finishActions looks for conflicts among all of them.
func (d *decoder) decodeHTTP(b *body) []string {
	patterns, places := d.attrTexts(b, "http")
	var good []string
	for i, p := range patterns {
		if slices.Contains(good, p) {
			continue
		}
		if d.httpPattern(p, b.name, places[i]) {
			good = append(good, p)
		}
	}
	return good
}

// decodeGRPC reads full method names; one leads to one action.
func (d *decoder) decodeGRPC(b *body) []string {
	methods, places := d.attrTexts(b, "grpc")
	var good []string
	for i, m := range methods {
		if slices.Contains(good, m) {
			continue
		}
		if !isFullMethod(m) {
			dg := d.errorf(places[i], codeValue, "`"+short(m)+"` is no full method name of gRPC", "write `/package.Service/Method`")
			if isFullMethod("/" + m) {
				dg.Suggestion = "/" + m
			}
			continue
		}
		if d.names["grpc"] == nil {
			d.names["grpc"] = make(map[string]diag.Span)
		}
		if first, twice := d.names["grpc"][m]; twice {
			related(d.errorf(places[i], codeConflict, "the gRPC method `"+short(m)+"` is of two actions", ""), "first here", first)
			continue
		}
		d.names["grpc"][m] = places[i]
		good = append(good, m)
	}
	return good
}

// isFullMethod reports whether a name is of the form /package.Service/Method.
func isFullMethod(name string) bool {
	parts := strings.Split(name, "/")
	if len(parts) != 3 || parts[0] != "" || !isIdentifier(parts[2]) {
		return false
	}
	for word := range strings.SplitSeq(parts[1], ".") {
		if !isIdentifier(word) {
			return false
		}
	}
	return true
}

// finishActions puts the actions in order and makes them ready for the rules at top level.
func finishActions(d *decoder) {
	slices.SortFunc(d.policy.Actions, func(a, b *policy.Action) int { return strings.Compare(a.Name, b.Name) })
	d.indexActions()
}
