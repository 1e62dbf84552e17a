package abi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// MaxRecord is the most bytes that the fixed part of a record may have.
const MaxRecord = 1 << 20

// Check returns an error if the parts of a module do not agree with each other, or a number is out of its range. A host that has checked a module
// may use its numbers as they are.
func (m *Module) Check() error {
	if err := m.Meta.check(); err != nil {
		return fmt.Errorf("%s: %w", SectionMeta, err)
	}
	if err := m.Schema.check(); err != nil {
		return fmt.Errorf("%s: %w", SectionSchema, err)
	}
	if err := m.Outputs.check(); err != nil {
		return fmt.Errorf("%s: %w", SectionOutputs, err)
	}
	if len(m.Outputs.Actions) != len(m.Schema.Actions) {
		return fmt.Errorf("%s has %d actions, %s has %d", SectionOutputs, len(m.Outputs.Actions), SectionSchema, len(m.Schema.Actions))
	}
	if m.Debug != nil && len(m.Debug.Places) > MaxPlaces {
		return fmt.Errorf("%s: there are more than %d places", SectionDebug, MaxPlaces)
	}
	return nil
}

func (m *Meta) check() error {
	switch {
	case m.ABI != Version:
		return fmt.Errorf("abi is %d, not %d", m.ABI, Version)
	case m.Fuel <= 0:
		return errors.New("fuel is not above 0")
	case m.Language < 1:
		return errors.New("language is not a version")
	case m.Pages < 1 || m.Pages > 1<<16:
		return errors.New("pages is not between 1 and 65536")
	}
	return nil
}

func (s *Schema) check() error {
	if err := errors.Join(
		ordered("actions", s.Actions, func(a *Action) string { return a.Name }),
		ordered("lazy", s.Lazy, func(l *string) string { return *l }),
		ordered("params", s.Params, func(p *Param) string { return p.Name }),
		ordered("signals", s.Signals, func(g *Signal) string { return g.Name }),
	); err != nil {
		return err
	}
	if s.Words < 1 || SlotsOffset(s.Words) > MaxRecord {
		return fmt.Errorf("words is %d", s.Words)
	}
	if len(s.Lazy) > MaxLazy {
		return fmt.Errorf("there are more than %d lazy signals", MaxLazy)
	}
	for _, name := range s.Lazy {
		if s.Signal(name) < 0 {
			return fmt.Errorf("the lazy signal %q is none of the signals", name)
		}
	}
	rank := 0
	for _, p := range s.Postures {
		if p.Rank <= rank || p.Name == "" || p.Name == "normal" {
			return fmt.Errorf("the posture %q is out of order", p.Name)
		}
		rank = p.Rank
	}
	return s.checkTypes()
}

func (s *Schema) checkTypes() error {
	for _, g := range s.Signals {
		if err := checkType(g.Type); err != nil {
			return fmt.Errorf("signal %q: %w", g.Name, err)
		}
	}
	for _, p := range s.Params {
		if err := checkType(p.Type); err != nil {
			return fmt.Errorf("param %q: %w", p.Name, err)
		}
	}
	for i := range s.Actions {
		if err := s.checkAction(&s.Actions[i]); err != nil {
			return fmt.Errorf("action %q: %w", s.Actions[i].Name, err)
		}
	}
	return nil
}

// ordered returns an error if a list is not ordered by name, or has one twice, or an empty one.
func ordered[T any](what string, s []T, name func(*T) string) error {
	last := ""
	for i := range s {
		if name(&s[i]) <= last {
			return fmt.Errorf("%s: %q is out of order", what, name(&s[i]))
		}
		last = name(&s[i])
	}
	return nil
}

// checkType holds a type against what a request may have.
func checkType(t *policy.Type) error {
	if t == nil {
		return errors.New("there is no type")
	}
	switch t.Kind {
	case policy.KindList, policy.KindMap:
		if t.Max < 0 || t.Max > policy.MaxEntries {
			return fmt.Errorf("a type has up to %d entries", t.Max)
		}
		if t.Kind == policy.KindMap && !t.Key.Equal(policy.String) {
			return errors.New("the keys of a map are not strings")
		}
		return checkType(t.Elem)
	case policy.KindObject:
		if err := ordered("attributes", t.Attrs, func(a *policy.Attr) string { return a.Name }); err != nil {
			return err
		}
		for _, a := range t.Attrs {
			if err := checkType(a.Type); err != nil {
				return err
			}
		}
		return nil
	}
	if kindOf(t.Kind.String()) == policy.KindInvalid {
		return fmt.Errorf("a request has no type %s", t)
	}
	return nil
}

func (s *Schema) checkAction(a *Action) error {
	if a.Resource != nil {
		if err := checkType(a.Resource); err != nil {
			return err
		}
		if a.Resource.Kind != policy.KindObject {
			return errors.New("the resource is not an object")
		}
	}
	if a.Size < SlotsOffset(s.Words) || a.Size > MaxRecord || a.Size%8 != 0 {
		return fmt.Errorf("size is %d", a.Size)
	}
	var last []string
	for i := range a.Slots {
		slot := &a.Slots[i]
		if slices.Compare(slot.Path, last) <= 0 {
			return fmt.Errorf("the slot %s is out of order", slot)
		}
		last = slot.Path
		if err := s.checkSlot(a, slot); err != nil {
			return fmt.Errorf("slot %s: %w", slot, err)
		}
	}
	return nil
}

// String returns the path as a condition writes it, but for the signals' own: "signals.device.trusted".
func (s *Slot) String() string { return strings.Join(s.Path, ".") }

func (s *Schema) checkSlot(a *Action, slot *Slot) error {
	t := s.typeAt(a, slot.Path)
	switch {
	case t == nil:
		return errors.New("there is no such attribute")
	case !t.Equal(slot.Type):
		return errors.New("the type is not that of the attribute")
	case slot.Bit < 0 || slot.Bit >= 32*s.Words:
		return fmt.Errorf("bit is %d", slot.Bit)
	}
	if e, ok := evidenceAt(slot.Path); ok {
		if slot.Presence || slot.Bit != e.Bit || slot.Offset != e.Offset {
			return fmt.Errorf("evidence has bit %d and offset %d", e.Bit, e.Offset)
		}
		return checkEvidence(t, e.Type)
	}
	switch {
	case slot.Bit < FirstBit:
		return errors.New("the bit is of evidence")
	case slot.Presence && (t.Kind != policy.KindObject || slot.Offset != 0):
		return errors.New("it has no offset, and is not an object")
	case slot.Presence:
		return nil
	case slot.Offset < SlotsOffset(s.Words) || slot.Offset > a.Size-SizeOf(t) || slot.Offset%AlignOf(t) != 0:
		return fmt.Errorf("offset is %d", slot.Offset)
	}
	return nil
}

// checkEvidence holds the type of evidence against the least that it is.
func checkEvidence(t, least *policy.Type) error {
	if least.Kind == policy.KindList && least.Elem.Kind == policy.KindObject {
		if t.Kind == policy.KindList && isAuthentication(t.Elem) {
			return nil
		}
	} else if t.Equal(least) {
		return nil
	}
	return fmt.Errorf("evidence is %s, not %s", least, t)
}

func (o *Outputs) check() error {
	if err := ordered("methods", o.Methods, func(m *string) string { return *m }); err != nil {
		return err
	}
	if len(o.Methods) > MaxMethods {
		return fmt.Errorf("there are more than %d methods", MaxMethods)
	}
	rank := 0
	for _, l := range o.Levels {
		if l.Rank <= rank || l.Name == "" {
			return fmt.Errorf("the level %q is out of order", l.Name)
		}
		rank = l.Rank
	}
	for i := range o.Rules {
		if r := &o.Rules[i]; r.MaxAge.N < 0 || i > 0 && r.ID < o.Rules[i-1].ID {
			return fmt.Errorf("the rule %q is out of order, or its max_age below 0", r.ID)
		}
	}
	for i, rules := range o.Actions {
		last := -1
		for _, n := range rules {
			if n <= last || n >= len(o.Rules) {
				return fmt.Errorf("actions: the %dth has a rule %d", i+1, n)
			}
			last = n
		}
	}
	return nil
}
