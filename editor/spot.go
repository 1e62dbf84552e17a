package editor

// spot is a place in a file of blocks, and what stands around it.
type spot struct {
	file   string
	tree   *tree
	offset int
	// block is the innermost around it; of the header of a block the one around that.
	block *block
	// attr is the attribute in whose value it is; nil where a name is written.
	attr *attr
	// path are the keys of the objects around it in the value, the outermost first.
	path []string
	// value is the innermost value at the place; nil if none is written there.
	value *value
	// key says that a key of an object is written there, into is that object.
	key  bool
	into *value
	// word is the name at the place, or where one would be written.
	word span
	// comment: nothing is written there that means something.
	comment bool
}

// spot finds what stands around a position; nil if the file has no blocks.
func (w *Workspace) spot(file string, p Position) *spot {
	t := w.tree(file)
	if t == nil {
		return nil
	}
	s := &spot{file: file, tree: t, offset: t.text.offset(p)}
	s.word = span{s.offset, s.offset}
	for _, k := range t.toks {
		if k.kind == tokComment && k.start < s.offset && (s.offset < k.end || s.offset == k.end && (t.text.src.Bytes[k.start] == '#' || t.text.src.Bytes[k.start+1] == '/')) {
			s.comment = true
		}
		if k.kind == tokName && k.start <= s.offset && s.offset <= k.end {
			s.word = span{k.start, k.end}
		}
	}
	s.block = t.at(s.offset)
	if a := s.block.attrAt(s.offset); a != nil && s.offset > a.name.end {
		s.attr = a
		s.descend(a.value)
	}
	return s
}

// descend goes into a value as far as it holds the place.
func (s *spot) descend(v *value) {
	if v == nil || !v.at.holds(s.offset) {
		return
	}
	s.value = v
	for _, item := range v.items {
		if item.at.holds(s.offset) {
			s.descend(item)
			return
		}
	}
	if v.kind != valObject || s.offset == v.at.start {
		return
	}
	for _, f := range v.fields {
		switch {
		case f.name.holds(s.offset):
			s.value, s.key, s.into = f.key, true, v
			return
		case f.whole.start < s.offset && (f.whole.holds(s.offset) || f.value == nil && s.sameLine(f.whole.end)):
			s.path = append(s.path, s.tree.nameOf(f.key))
			s.value = nil
			s.descend(f.value)
			return
		}
	}
	s.value, s.key, s.into = nil, true, v
}

// sameLine reports whether no line ends between a place before the spot and the spot.
func (s *spot) sameLine(from int) bool {
	for i := from; i < s.offset; i++ {
		if s.tree.text.src.Bytes[i] == '\n' {
			return false
		}
	}
	return from <= s.offset
}

// attrName is the name of the attribute in whose value the place is; "" if it is in none.
func (s *spot) attrName() string {
	if s.attr == nil {
		return ""
	}
	return s.tree.text.bytes(s.attr.name)
}

// blockType is the word that the block around begins with; "" at top level.
func (s *spot) blockType() string {
	if s.block == s.tree.root {
		return ""
	}
	return s.tree.text.bytes(s.block.kind)
}
