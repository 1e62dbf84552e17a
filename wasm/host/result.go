package host

import (
	"errors"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// shared is what the actions of a module share of the parts of decisions.
type shared struct {
	levels []abi.Level
	lazy   []string
	places []string
	// reasons are the rules, by their numbers.
	reasons []*policy.Reason
	// groups are the groups of methods that rules have, by their bits.
	groups map[uint64][]string
}

func newShared(m *abi.Module) *shared {
	s := &shared{levels: m.Outputs.Levels, lazy: m.Schema.Lazy, groups: map[uint64][]string{}}
	if m.Debug != nil {
		s.places = m.Debug.Places
	}
	for _, r := range m.Outputs.Rules {
		s.reasons = append(s.reasons, &policy.Reason{
			Rule: r.ID, Effect: r.Effect, Level: r.Level, MaxAge: r.MaxAge, Methods: r.Methods, Message: r.Message,
		})
		if len(r.Methods) > 0 {
			s.groups[mask(m.Outputs.Methods, r.Methods)] = r.Methods
		}
	}
	return s
}

func mask(all, some []string) uint64 {
	var bits uint64
	for i, m := range all {
		if slices.Contains(some, m) {
			bits |= 1 << i
		}
	}
	return bits
}

// results are what a module's results for an action can hold.
type results struct {
	*shared
	// rules are those of the action, by their bits. alone are lists of one each.
	rules []*policy.Reason
	alone [][]*policy.Reason
	// denies, stepUps and trials are the sets of those that can be reasons of the effect, or in the shadow.
	denies, stepUps, trials []uint32
	onTrial                 bool
	challenges              *challenges
}

func newResults(m *abi.Module, n int, s *shared) results {
	numbers := m.Outputs.Actions[n]
	words := (len(numbers) + 31) / 32
	out := results{shared: s, denies: make([]uint32, words), stepUps: make([]uint32, words), trials: make([]uint32, words), challenges: new(challenges)}
	for bit, number := range numbers {
		rule := &m.Outputs.Rules[number]
		reason := s.reasons[number]
		out.rules, out.alone = append(out.rules, reason), append(out.alone, []*policy.Reason{reason})
		set := out.stepUps
		switch {
		case rule.Shadow:
			set, out.onTrial = out.trials, true
		case rule.Effect == policy.Deny:
			set = out.denies
		}
		set[bit/32] |= 1 << (bit % 32)
	}
	return out
}

// errResult says that a module has answered what no decision can be.
var errResult = errors.New("the module's answer is not a decision")

// result is the memory with a module's answer.
type result struct {
	*results
	memory []byte
	head   []byte
	// codes are those of the faults, by the rule; nil if there are none.
	codes []policy.Code
}

// read makes a decision of the answer at an address. Every number is held against what it can be.
func (rs *results) read(memory []byte, at uint32, d *policy.Decision, satisfied *policy.Satisfied) error {
	if uint64(at)+abi.ResultSize > uint64(len(memory)) {
		return errResult
	}
	head := memory[at : at+abi.ResultSize : at+abi.ResultSize]
	if !rs.level(head, d, satisfied) {
		return errResult
	}
	effect, shadow, faults := le.Uint32(head[abi.ResultEffect:]), le.Uint32(head[abi.ResultShadowEffect:]), le.Uint32(head[abi.ResultFaults:])
	d.Effect = policy.Allow
	if effect == uint32(policy.Allow) && shadow|faults == 0 && !rs.onTrial {
		return nil
	}
	r := result{results: rs, memory: memory, head: head}
	ok := (faults == 0 || r.note(faults, d)) && r.effect(effect, d)
	if rs.onTrial || shadow != 0 {
		ok = ok && r.shadow(shadow, d)
	}
	if !ok {
		return errResult
	}
	return nil
}

// level is the level that the session meets.
func (rs *results) level(head []byte, d *policy.Decision, satisfied *policy.Satisfied) bool {
	place := le.Uint32(head[abi.ResultSatisfied:])
	if place == 0 {
		return true
	}
	age, ok := seconds(head[abi.ResultAge:])
	if !ok || uint64(place) > uint64(len(rs.levels)) {
		return false
	}
	*satisfied = policy.Satisfied{Level: rs.levels[place-1].Name, Age: age}
	d.Satisfied = satisfied
	return true
}

// seconds are a number of seconds, -1 if there are none.
func seconds(b []byte) (policy.Seconds, bool) {
	n := int64(le.Uint64(b))
	if n < 0 {
		return policy.Seconds{}, n == -1
	}
	return policy.Seconds{Set: true, N: n}, true
}

// bytes are n things of some size, at the address that the head has.
func (r *result) bytes(head int, n, size uint32) ([]byte, bool) {
	at, length := uint64(le.Uint32(r.head[head:])), uint64(n)*uint64(size)
	if at+length > uint64(len(r.memory)) {
		return nil, false
	}
	return r.memory[at : at+length], true
}

// set is a set of rules, none of which is outside of some; false if it is something else.
func (r *result) set(head int, of []uint32) ([]byte, bool) {
	b, ok := r.bytes(head, uint32(len(of)), 4)
	if !ok {
		return nil, false
	}
	for i, all := range of {
		if le.Uint32(b[4*i:])&^all != 0 {
			return nil, false
		}
	}
	return b, true
}

// members calls f with the bits of a set.
func members(set []byte, f func(bit int)) {
	for at := 0; at < len(set); at += 4 {
		for w := le.Uint32(set[at:]); w != 0; w &= w - 1 {
			f(8*at + bits.TrailingZeros32(w))
		}
	}
}

func count(set []byte) int {
	n := 0
	for at := 0; at < len(set); at += 4 {
		n += bits.OnesCount32(le.Uint32(set[at:]))
	}
	return n
}

// note reads the faults, of which those of enforced rules are listed.
func (r *result) note(n uint32, d *policy.Decision) bool {
	if uint64(n) > uint64(len(r.rules)) {
		return false
	}
	b, ok := r.bytes(abi.ResultFaultList, n, abi.FaultSize)
	if !ok {
		return false
	}
	r.codes = make([]policy.Code, len(r.rules))
	for ; len(b) > 0; b = b[abi.FaultSize:] {
		rule, fault := le.Uint32(b[abi.FaultRule:]), le.Uint32(b[abi.FaultCode:])
		code, known := abi.Code(fault & 0xff)
		if !known || uint64(rule) >= uint64(len(r.rules)) || r.codes[rule] != "" || r.places != nil && uint64(fault>>8) >= uint64(len(r.places)) {
			return false
		}
		r.codes[rule] = code
		if r.trials[rule/32]>>(rule%32)&1 == 1 {
			continue
		}
		at := ""
		if r.places != nil {
			at = r.places[fault>>8]
		}
		d.Indeterminate = append(d.Indeterminate, policy.Indeterminate{Rule: r.rules[rule].Rule, Code: code, Error: abi.Text(fault & 0xff), At: at})
	}
	slices.SortFunc(d.Indeterminate, func(a, b policy.Indeterminate) int { return strings.Compare(a.Rule, b.Rule) })
	return true
}

// effect reads the effect, and what comes with it.
func (r *result) effect(effect uint32, d *policy.Decision) bool {
	switch d.Effect = policy.Effect(effect); effect {
	case uint32(policy.Allow):
		return true
	case uint32(policy.Deny):
		return r.reasons(r.denies, d)
	case uint32(policy.StepUp):
		return r.challenge(d)
	case uint32(policy.Need):
		return r.need(d)
	}
	return false
}

// reasons are the rules that made the effect, one at least.
func (r *result) reasons(of []uint32, d *policy.Decision) bool {
	set, ok := r.set(abi.ResultReasonSet, of)
	if !ok {
		return false
	}
	n := count(set)
	if n > 1 {
		d.Reasons = make([]*policy.Reason, 0, n)
	}
	members(set, func(bit int) {
		if n == 1 {
			d.Reasons = r.alone[bit]
		} else {
			d.Reasons = append(d.Reasons, r.rules[bit])
		}
	})
	return n > 0
}

// challenges are what was asked for of late, and why: the same rules ask for the same again and again. Decisions share them.
type challenges [64]atomic.Pointer[challenge]

type challenge struct {
	key         challengeKey
	reasons     []*policy.Reason
	requirement *policy.Requirement
}

// challengeKey is all that a challenge is made of, if there is at most one group of methods, and the action has no more rules than a word
// has bits.
type challengeKey struct {
	reasons, level, reachable uint32
	maxAge                    int64
	group                     uint64
}

// challenge is what to challenge for, and the rules that ask for it.
func (r *result) challenge(d *policy.Decision) bool {
	key, ok := r.challengeKey()
	if !ok {
		return r.reasons(r.stepUps, d) && r.requirement(d)
	}
	hash := (uint64(key.reasons)<<8 ^ uint64(key.level) ^ uint64(key.reachable)<<4 ^ uint64(key.maxAge)<<16 ^ key.group<<24) * 0x9e3779b97f4a7c15
	at := &r.challenges[hash>>58]
	if c := at.Load(); c != nil && c.key == key {
		d.Reasons, d.Requirement = c.reasons, c.requirement
		return true
	}
	if !r.reasons(r.stepUps, d) || !r.requirement(d) {
		return false
	}
	at.Store(&challenge{key, d.Reasons, d.Requirement})
	return true
}

func (r *result) challengeKey() (key challengeKey, ok bool) {
	groups := le.Uint32(r.head[abi.ResultGroups:])
	if len(r.stepUps) != 1 || groups > 1 {
		return key, false
	}
	set, ok := r.bytes(abi.ResultReasonSet, 1, 4)
	group, fine := r.bytes(abi.ResultGroupList, groups, 8)
	if !ok || !fine {
		return key, false
	}
	key = challengeKey{
		reasons: le.Uint32(set), level: le.Uint32(r.head[abi.ResultLevel:]), reachable: le.Uint32(r.head[abi.ResultReachable:]),
		maxAge: int64(le.Uint64(r.head[abi.ResultMaxAge:])),
	}
	if groups == 1 {
		if key.group = le.Uint64(group); key.group == 0 {
			return key, false // it is none
		}
	}
	return key, true
}

func (r *result) requirement(d *policy.Decision) bool {
	place, reachable := le.Uint32(r.head[abi.ResultLevel:]), le.Uint32(r.head[abi.ResultReachable:])
	maxAge, ok := seconds(r.head[abi.ResultMaxAge:])
	methods, found := r.methods()
	if !ok || !found || place == 0 || uint64(place) > uint64(len(r.levels)) || reachable > uint32(policy.Yes) {
		return false
	}
	level := &r.levels[place-1]
	d.Requirement = &policy.Requirement{
		Level: level.Name, ACRValues: level.ACRValues, MaxAge: maxAge, Methods: methods, Reachable: policy.Tristate(reachable),
	}
	return true
}

// methods are the groups of methods asked for. Each is that of some rule, and none is there twice.
func (r *result) methods() ([][]string, bool) {
	n := le.Uint32(r.head[abi.ResultGroups:])
	b, ok := r.bytes(abi.ResultGroupList, n, 8)
	if n == 0 || !ok || uint64(n) > uint64(len(r.rules)) {
		return nil, n == 0
	}
	out := make([][]string, n)
	for i := range out {
		if out[i] = r.groups[le.Uint64(b[8*i:])]; out[i] == nil {
			return nil, false
		}
	}
	slices.SortFunc(out, slices.Compare)
	for i := range out[1:] {
		if slices.Equal(out[i], out[i+1]) {
			return nil, false
		}
	}
	return out, true
}

// need are the signals to fetch, one at least.
func (r *result) need(d *policy.Decision) bool {
	set := le.Uint64(r.head[abi.ResultNeed:])
	if set == 0 || bits.Len64(set) > len(r.lazy) {
		return false
	}
	d.Need = make([]string, 0, bits.OnesCount64(set))
	for ; set != 0; set &= set - 1 {
		d.Need = append(d.Need, r.lazy[bits.TrailingZeros64(set)])
	}
	return true
}

// shadow reads what the rules on trial have come to.
func (r *result) shadow(effect uint32, d *policy.Decision) bool {
	if !r.onTrial || d.Effect == policy.Need { // they are not asked then
		return effect == 0
	}
	applying, ok := r.set(abi.ResultShadowSet, r.trials)
	waiting, fine := r.set(abi.ResultWaitingSet, r.trials)
	if !ok || !fine || !r.shadowEffect(effect, d) {
		return false
	}
	if n := count(applying) + count(waiting); n > 0 {
		d.Shadow = make([]*policy.Reason, 0, n)
	}
	for bit, rule := range r.rules {
		applies, waits := has(applying, bit), has(waiting, bit)
		switch erred := r.codes != nil && r.codes[bit] != ""; {
		case applies && waits:
			return false
		case waits:
			pending := *rule
			pending.Pending = true
			d.Shadow = append(d.Shadow, &pending)
		case applies && erred:
			inError := *rule
			inError.Code = r.codes[bit]
			d.Shadow = append(d.Shadow, &inError)
		case applies:
			d.Shadow = append(d.Shadow, rule)
		}
	}
	return true
}

// shadowEffect is the effect with the rules on trial: they can only make it stricter.
func (r *result) shadowEffect(effect uint32, d *policy.Decision) bool {
	switch effect {
	case 0:
		return true
	case 1 + uint32(policy.Deny), 1 + uint32(policy.StepUp):
		d.ShadowEffect, d.ShadowDiffers = policy.Effect(effect-1), true
		return d.ShadowEffect != d.Effect
	}
	return false
}

func has(set []byte, bit int) bool { return set[bit/8]>>(bit%8)&1 == 1 }
