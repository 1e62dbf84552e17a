package cel

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// reads is what a text looks at of the resource, lets put in.
type reads struct {
	paths []string // of attributes, the names joined by [attrStep]; ordered
	whole bool     // it is looked at otherwise, or in more than maxPaths places
}

const (
	attrStep = "\x00" // stands in no name
	maxPaths = 32
)

func (r *reads) none() bool { return len(r.paths) == 0 && !r.whole }

func (r *reads) add(paths ...string) {
	for _, p := range paths {
		if i, known := slices.BinarySearch(r.paths, p); !known {
			r.paths = slices.Insert(r.paths, i, p)
		}
	}
	if len(r.paths) > maxPaths {
		r.whole = true
	}
	if r.whole {
		r.paths = nil
	}
}

// readsOf returns what a text reads of the resource. The lets that it uses have been read.
func (c *policyChecker) readsOf(n *node) *reads {
	r := c.reads[n]
	if r == nil {
		r = new(reads)
		c.collect(n, r)
		c.reads[n] = r
	}
	return r
}

func (c *policyChecker) collect(n *node, r *reads) {
	if path, ok := resourcePath(n); ok {
		r.whole = r.whole || path == ""
		r.add(path)
		return
	}
	if l := c.env.lets[n.name]; n.kind == nodeIdent && l != nil && l.reads != nil {
		r.whole = r.whole || l.reads.whole
		r.add(l.reads.paths...)
	}
	for _, k := range n.kids {
		c.collect(k, r)
	}
}

// resourcePath is the path of a chain of selects that begins at the resource, "" for the resource itself.
func resourcePath(n *node) (path string, ok bool) {
	for ; n.kind == nodeSelect; n = n.kids[0] {
		path = attrStep + n.name + path
	}
	return path, n.kind == nodeIdent && strings.TrimPrefix(n.name, ".") == "resource"
}

// readsKey is equal for types of the resource that are alike in all that a text reads.
func (c *policyChecker) readsKey(n *node, resource int) string {
	r := c.readsOf(n)
	switch {
	case r.none():
		return ""
	case r.whole, resource < 0:
		return exactly(resource)
	}
	var b strings.Builder
	for _, path := range r.paths {
		key := c.pathKey(path, resource)
		if key == "" {
			return exactly(resource) // it is missing, which is said of each action
		}
		b.WriteString(key + ";")
	}
	return b.String()
}

// exactly is the key of one type of the resource alone.
func exactly(resource int) string { return "#" + strconv.Itoa(resource) }

// attrPath is an attribute of a type of the resource.
type attrPath struct {
	path     string
	resource int
}

// pathKey is equal for types that are alike in what stands at a path, and in how it is got there; "" if nothing does.
func (c *policyChecker) pathKey(path string, resource int) string {
	at := attrPath{path, resource}
	key, known := c.pathKeys[at]
	if !known {
		key = pathKey(path, c.env.types.resources[resource])
		c.pathKeys[at] = key
	}
	return key
}

func pathKey(path string, t *policy.Type) string {
	var b strings.Builder
	for _, name := range strings.Split(path, attrStep)[1:] {
		if t.Kind != policy.KindObject {
			break // the rest is in a map, or in what may be anything
		}
		slot := t.Slot(name)
		if slot < 0 {
			return ""
		}
		b.WriteString(strconv.FormatBool(t.Attrs[slot].Optional) + ".")
		t = t.Attrs[slot].Type
	}
	return b.String() + typeKey(t)
}

// retarget makes a tree that was checked for one type of the resource fit another, which is alike in all that the tree reads.
func retarget(e expr.Expr, resource *policy.Type) {
	for _, c := range expr.Children(e) {
		retarget(c, resource)
	}
	switch e := e.(type) {
	case *expr.Signal:
		if e.Index == expr.Resource {
			e.Type = resource
		}
	case *expr.Select:
		if e.Slot >= 0 && ofResource(e.Of) {
			e.Slot, e.Type = selected(e.Of.Node().Type, e.Name, e.Optional)
		}
	case *expr.Has:
		if e.Slot >= 0 && ofResource(e.Of) {
			e.Slot, _ = attr(e.Of.Node().Type, e.Name)
		}
	default:
	}
}

// ofResource reports whether e is the resource, or selected from it.
func ofResource(e expr.Expr) bool {
	for {
		switch x := e.(type) {
		case *expr.Signal:
			return x.Index == expr.Resource
		case *expr.Select:
			e = x.Of
		default:
			return false
		}
	}
}
