package hcl

import "github.com/rungpolicy/rung/diag"

// httpTable finds conflicts among the patterns of all actions, which one router is to tell apart.
type httpTable struct {
	all []*httpPlace
	// literals has patterns by a literal segment and its place; those that match whatever is there are in wild, by the place, or in rest, if they do so from
	// some place on.
	literals map[httpLiteral][]*httpPlace
	wild     map[int][]*httpPlace
	rest     []*httpPlace
}

type httpLiteral struct {
	place int
	text  string
}

type httpPlace struct {
	*httpPattern
	number int // in the order of add
	at     diag.Span
	action string
}

// maxHTTPPatterns bounds the patterns of a policy: they are compared with each other.
const maxHTTPPatterns = 32_768

// httpPattern takes a pattern up, or reports what is wrong with it.
func (d *decoder) httpPattern(text, action string, at diag.Span) bool {
	t := &d.http
	if len(t.all) == maxHTTPPatterns {
		d.errorf(at, codeLimit, "the policy has more than 32,768 http patterns", "")
		return false
	}
	p, err := readHTTPPattern(text)
	if err != nil {
		d.errorf(at, codeValue, "`"+short(text)+"` is no http pattern: "+err.Error(), "write `POST /accounts/{account}/transfers`")
		return false
	}
	place := &httpPlace{httpPattern: p, at: at, action: action}
	if other := t.conflict(p); other != nil {
		with := "of this action"
		if other.action != action {
			with = "of the action `" + other.action + "`"
		}
		dg := d.errorf(at, codeConflict, "the http pattern `"+short(text)+"` conflicts with `"+short(other.at.Text())+"` "+with,
			"some requests match both, and neither pattern is the more specific")
		related(dg, "the other pattern", other.at)
		return false
	}
	t.add(place)
	return true
}

// add takes a pattern up.
func (t *httpTable) add(p *httpPlace) {
	if t.literals == nil {
		t.literals, t.wild = make(map[httpLiteral][]*httpPlace), make(map[int][]*httpPlace)
	}
	p.number = len(t.all)
	t.all = append(t.all, p)
	for i, s := range p.segments {
		switch s.kind {
		case segmentLiteral:
			t.literals[httpLiteral{i, s.text}] = append(t.literals[httpLiteral{i, s.text}], p)
		case segmentAny:
			t.wild[i] = append(t.wild[i], p)
		case segmentRest:
			t.rest = append(t.rest, p)
		case segmentEnd:
		}
	}
}

// conflict finds the first pattern that was taken up and conflicts with another one. Those that could are looked for where the fewest are: at one of the pattern's literals.
func (t *httpTable) conflict(p *httpPattern) *httpPlace {
	fewest := [][]*httpPlace{t.all}
	count := len(t.all)
	for i, s := range p.segments {
		if s.kind != segmentLiteral {
			continue
		}
		same, wild := t.literals[httpLiteral{i, s.text}], t.wild[i]
		if n := len(same) + len(wild) + len(t.rest); n < count {
			count, fewest = n, [][]*httpPlace{same, wild, t.rest}
		}
	}
	var first *httpPlace
	for _, list := range fewest {
		for _, o := range list {
			if p.conflicts(o.httpPattern) && (first == nil || o.number < first.number) {
				first = o
			}
		}
	}
	return first
}
