package hcl

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

func blockList() *Block {
	return &Block{
		Type: "list", Label: "list", Top: true,
		Doc: "Data for `in`, inline or one entry a line from a file beside the policy. Conditions read it as `list.NAME`.",
		Attrs: []Attr{
			{Name: "type", Form: "type", Doc: "the type of an entry, `string` if left out; `cidr` for address ranges"},
			{Name: "values", Form: "list", Doc: "the entries"},
			{Name: "file", Form: "string", Doc: "a file within the policy's folder: an entry a line, `#` begins a comment"},
		},
		decode: decodeList,
		finish: func(d *decoder) {
			slices.SortFunc(d.policy.Lists, func(a, b *policy.List) int { return strings.Compare(a.Name, b.Name) })
		},
	}
}

func decodeList(d *decoder, b *body) {
	if !d.declare(kindList, b.name, b.label) {
		return
	}
	l := &policy.List{Name: b.name, Type: policy.String, Range: b.header.Range()}
	d.policy.Lists = append(d.policy.Lists, l)
	if b.attr("type") != nil {
		t, ok := d.attrTypeExpr(b, "type", b.name)
		l.Type = t
		if ok && !listable(t) {
			d.errorf(b.valueSpan("type"), codeType, "a list cannot hold `"+short(t.String())+"`", "its entries are bool, int, uint, double, string, bytes, timestamp, duration, ip or cidr")
			ok = false
		}
		if !ok {
			l.Type = policy.Any
			return
		}
	}
	switch {
	case b.attr("values") != nil && b.attr("file") != nil:
		d.errorf(b.attrSpan("file"), codeConflict, "a list has `values` or `file`, not both", "")
	case b.attr("values") != nil:
		d.inlineList(b, l)
	case b.attr("file") != nil:
		d.fileList(b, l)
	default:
		d.errorf(b.header, codeMissingAttribute, "the list has no entries", "write `values = […]` or `file = \"…\"`")
	}
}

func listable(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindAny, policy.KindList, policy.KindMap, policy.KindObject:
		return false
	}
	return true
}

func (d *decoder) inlineList(b *body, l *policy.List) {
	values, ok := d.attrLit(b, "values")
	if !ok || !d.want(values, litTuple) {
		return
	}
	c := listCollector{list: l, seen: make(map[policy.Value]bool, len(values.items))}
	for _, item := range values.items {
		var v policy.Value
		var ok bool
		if l.Type.Kind == policy.KindCIDR {
			v, ok = d.textValue(item, l.Type, true)
		} else {
			v, ok = d.value(item, l.Type)
		}
		if ok && !d.collect(&c, v) {
			d.errorf(item.span, codeLimit, "the lists of the policy are larger than 8 MiB", "all lists together, as they lie in a module")
			return
		}
	}
}
