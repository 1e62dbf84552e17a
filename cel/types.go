package cel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	celext "cel.dev/cel-go/ext"

	"github.com/rungpolicy/rung/policy"
)

// typeTable maps our types to cel-go's and back. Objects become struct types of its own, one for each distinct object type.
type typeTable struct {
	objects   map[string]*policy.Type // by the name of the struct type
	names     map[*policy.Type]string
	resources []*policy.Type // the distinct types of `resource`
	byKey     map[string]int // and their index, by typeKey
}

func newTypeTable() *typeTable {
	return &typeTable{
		objects: make(map[string]*policy.Type),
		names:   make(map[*policy.Type]string),
		byKey:   make(map[string]int),
	}
}

// resource returns the index of a resource's type among the distinct ones; -1 for nil.
func (t *typeTable) resource(r *policy.Type) int {
	if r == nil {
		return -1
	}
	key := typeKey(r)
	i, ok := t.byKey[key]
	if !ok {
		i = len(t.resources)
		t.resources = append(t.resources, r)
		t.byKey[key] = i
	}
	return i
}

// typeKey is equal for types that are equal, sizes included: those count in costs.
func typeKey(t *policy.Type) string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(strconv.Itoa(int(t.Kind)) + "," + strconv.Itoa(t.Max) + "(" + typeKey(t.Key) + ";" + typeKey(t.Elem))
	for _, a := range t.Attrs {
		b.WriteString(";" + strconv.Quote(a.Name) + strconv.FormatBool(a.Optional) + typeKey(a.Type))
	}
	b.WriteString(")")
	return b.String()
}

// cel returns cel-go's form of a type.
func (t *typeTable) cel(p *policy.Type) *types.Type {
	switch p.Kind {
	case policy.KindBool:
		return types.BoolType
	case policy.KindInt:
		return types.IntType
	case policy.KindUint:
		return types.UintType
	case policy.KindDouble:
		return types.DoubleType
	case policy.KindString:
		return types.StringType
	case policy.KindBytes:
		return types.BytesType
	case policy.KindTimestamp:
		return types.TimestampType
	case policy.KindDuration:
		return types.DurationType
	case policy.KindIP:
		return celext.IPType
	case policy.KindCIDR:
		return celext.CIDRType
	case policy.KindList:
		return types.NewListType(t.cel(p.Elem))
	case policy.KindMap:
		return types.NewMapType(t.cel(p.Key), t.cel(p.Elem))
	case policy.KindObject:
		return types.NewObjectType(t.object(p))
	case policy.KindNull:
		return types.NullType
	case policy.KindOptional:
		return types.NewOptionalType(t.cel(p.Elem))
	case policy.KindType:
		return types.TypeType
	}
	return types.DynType
}

// object returns the name of the struct type of an object type.
func (t *typeTable) object(p *policy.Type) string {
	if name, ok := t.names[p]; ok {
		return name
	}
	name := fmt.Sprintf("@object%d", len(t.objects))
	t.names[p] = name
	t.objects[name] = p
	for _, a := range p.Attrs {
		t.cel(a.Type) // so that objects inside are known before the table is read
	}
	return name
}

// list is the type of a policy's list: addresses are their own.
func (t *typeTable) list(entry *policy.Type) *types.Type {
	if entry.Kind == policy.KindIP || entry.Kind == policy.KindCIDR {
		return addressesType
	}
	return types.NewListType(t.cel(entry))
}

// policy returns our form of one of cel-go's types.
func (t *typeTable) policy(c *types.Type) *policy.Type {
	if c == nil {
		return policy.Any
	}
	switch c.Kind() {
	case types.BoolKind:
		return policy.Bool
	case types.IntKind:
		return policy.Int
	case types.UintKind:
		return policy.Uint
	case types.DoubleKind:
		return policy.Double
	case types.StringKind:
		return policy.String
	case types.BytesKind:
		return policy.Bytes
	case types.TimestampKind:
		return policy.Timestamp
	case types.DurationKind:
		return policy.Duration
	case types.NullTypeKind:
		return policy.NullType
	case types.ListKind:
		return &policy.Type{Kind: policy.KindList, Elem: t.policy(c.Parameters()[0])}
	case types.MapKind:
		return &policy.Type{Kind: policy.KindMap, Key: t.policy(c.Parameters()[0]), Elem: t.policy(c.Parameters()[1])}
	case types.StructKind:
		if o := t.objects[c.TypeName()]; o != nil {
			return o
		}
	case types.TypeKind:
		if p := c.Parameters(); len(p) > 0 {
			return &policy.Type{Kind: policy.KindType, Elem: t.policy(p[0])}
		}
		return &policy.Type{Kind: policy.KindType}
	case types.OpaqueKind:
		return t.opaque(c)
	}
	return policy.Any
}

// policyAddresses is our form of addressesType.
var policyAddresses = policy.ListOf(policy.CIDR)

func (t *typeTable) opaque(c *types.Type) *policy.Type {
	switch c.TypeName() {
	case celext.IPType.TypeName():
		return policy.IP
	case celext.CIDRType.TypeName():
		return policy.CIDR
	case addressesType.TypeName():
		return policyAddresses
	case "optional_type":
		return &policy.Type{Kind: policy.KindOptional, Elem: t.policy(c.Parameters()[0])}
	}
	return policy.Any
}

// typeName is the type that a name stands for where types are values; nil if there is none.
func typeName(name string) *types.Type {
	switch name {
	case "bool":
		return types.BoolType
	case "int":
		return types.IntType
	case "uint":
		return types.UintType
	case "double":
		return types.DoubleType
	case "string":
		return types.StringType
	case "bytes":
		return types.BytesType
	case "list":
		return types.ListType
	case "map":
		return types.MapType
	case "null_type":
		return types.NullType
	case "type":
		return types.TypeType
	case "google.protobuf.Timestamp":
		return types.TimestampType
	case "google.protobuf.Duration":
		return types.DurationType
	case "net.IP":
		return celext.IPType
	case "net.CIDR":
		return celext.CIDRType
	case "optional_type":
		return types.OptionalType
	}
	return nil
}

// provider tells cel-go's checker our types. It does not make values: no condition holds a message.
type provider struct{ table *typeTable }

var _ types.Provider = (*provider)(nil)

func (*provider) EnumValue(name string) ref.Val { return types.NewErr("unknown enum name '%s'", name) }

func (*provider) FindIdent(name string) (ref.Val, bool) {
	if t := typeName(name); t != nil {
		return t, true
	}
	return nil, false
}

func (p *provider) object(name string) *policy.Type {
	if p.table == nil {
		return nil
	}
	return p.table.objects[name]
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if p.object(name) == nil {
		return nil, false
	}
	return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	o := p.object(name)
	if o == nil {
		return nil, false
	}
	names := make([]string, len(o.Attrs))
	for i, a := range o.Attrs {
		names[i] = a.Name
	}
	return names, true
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	o := p.object(name)
	if o == nil {
		return nil, false
	}
	i := o.Slot(field)
	if i < 0 {
		return nil, false
	}
	return &types.FieldType{Type: p.table.cel(o.Attrs[i].Type)}, true
}

func (*provider) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("unknown type '%s'", name)
}

// attrNames are the names of an object's attributes.
func attrNames(t *policy.Type) []string {
	names := make([]string, len(t.Attrs))
	for i, a := range t.Attrs {
		names[i] = a.Name
	}
	return slices.Clip(names)
}
