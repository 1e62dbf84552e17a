package abi

import "github.com/rungpolicy/rung/policy"

// Tag is the first word of a value whose type is known only at run time, a cell of [AnySize] bytes: what type it has, four bits for each level of it, the
// outermost first. list(map(int)) is TagList | TagMap<<4 | TagString<<8 | TagInt<<12. A type of any, as elements have, is 0.
//
// A request has the tags that a host can make of JSON and no other: [TagNull], [TagBool], [TagDouble], [TagString], [TagAnyList] and [TagAnyMap]. The others are of what
// conditions compute: so a typed list is a value of no static type as it lies there, without a copy.
type Tag = uint32

// The tags.
const (
	TagAny Tag = iota // of elements alone
	TagNull
	TagBool
	TagInt
	TagUint
	TagDouble
	TagString
	TagBytes
	TagTimestamp
	TagDuration
	TagIP
	TagCIDR
	TagList
	TagMap
	TagOptional
	TagType

	// TagAnyList is list(any), TagAnyMap map(any).
	TagAnyList = TagList | TagAny<<4
	TagAnyMap  = TagMap | TagString<<4 | TagAny<<8
)

// A cell.
const (
	AnyTag     = 0 // u32; the four bytes behind it are not looked at
	AnyPayload = 8 // 8 bytes: the value in its memory form, if that takes no more; else (timestamp, optional) its address
	AnySize    = 16
)

// tags are those of the simple kinds.
var tags = [...]Tag{
	policy.KindNull: TagNull, policy.KindBool: TagBool, policy.KindInt: TagInt, policy.KindUint: TagUint, policy.KindDouble: TagDouble,
	policy.KindString: TagString, policy.KindBytes: TagBytes, policy.KindTimestamp: TagTimestamp, policy.KindDuration: TagDuration,
	policy.KindIP: TagIP, policy.KindCIDR: TagCIDR, policy.KindType: TagType,
}

// levels is how many levels a tag has room for.
const levels = 8

// TagOf returns the tag of a type. It is false for types that have none: objects, and what nests deeper than a tag has room for.
func TagOf(t *policy.Type) (Tag, bool) { return tagOf(t, levels) }

func tagOf(t *policy.Type, room int) (Tag, bool) {
	if t == nil || room <= 0 {
		return 0, false
	}
	switch t.Kind {
	case policy.KindAny:
		return TagAny, true
	case policy.KindList:
		in, ok := tagOf(t.Elem, room-1)
		return TagList | in<<4, ok
	case policy.KindOptional:
		in, ok := tagOf(t.Elem, room-1)
		return TagOptional | in<<4, ok
	case policy.KindMap:
		key, simple := tagOf(t.Key, 1)
		in, ok := tagOf(t.Elem, room-2)
		return TagMap | key<<4 | in<<8, ok && simple
	}
	tag := Tag(0)
	if int(t.Kind) < len(tags) {
		tag = tags[t.Kind]
	}
	return tag, tag != 0
}
