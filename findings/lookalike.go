package findings

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func lookAlike() *Finding {
	return &Finding{
		Code: "look-alike", Severity: diag.Warning,
		Title: "names that are easily taken for each other",
		Explanation: "Two names of one kind differ in case alone, in one letter of a word of five or more, in what separates their words, or in letters that look the same (Latin `a` and Cyrillic `а`, `l` and `1`, " +
			"`rn` and `m`, an accent written as one character or two). Text is compared byte by byte, so they are two names; and whoever writes the one for the other gets no error.\n\n" +
			"Signals and lets share the scope of conditions, so they are one kind; so are the attributes of an object, and the rules of an action.",
		Bad: `let {
  new_device  = "!has(device.first_seen)"
  new_devices = "now - device.first_seen < duration('24h')"
}

action "transfer.create" {
  level = "aal1"

  deny "from elsewhere" { when = "new_device || new_devices" }
}
`,
		Good: `let {
  unseen_device = "!has(device.first_seen)"
  young_device  = "now - device.first_seen < duration('24h')"
}

action "transfer.create" {
  level = "aal1"

  deny "from elsewhere" { when = "unseen_device || young_device" }
}
`,
		find: findLookAlikes,
	}
}

// named is a name, and where it is declared.
type named struct {
	name string
	at   diag.Range
}

func findLookAlikes(f *finder) {
	p := f.Policy
	var scope []named
	for _, s := range p.Signals {
		scope = append(scope, named{s.Name, s.Range})
	}
	for _, l := range p.Lets {
		scope = append(scope, named{l.Name, l.Range})
	}
	f.lookAlikes("", scope)
	f.lookAlikes("the level", namedOf(p.Levels, func(l *policy.Level) named { return named{l.Name, l.Range} }))
	f.lookAlikes("the param", namedOf(p.Params, func(x *policy.Param) named { return named{x.Name, x.Range} }))
	f.lookAlikes("the list", namedOf(p.Lists, func(l *policy.List) named { return named{l.Name, l.Range} }))
	f.lookAlikes("the posture", namedOf(p.Postures, func(x *policy.Posture) named { return named{x.Name, x.Range} }))
	f.lookAlikes("the action", namedOf(p.Actions, func(a *policy.Action) named { return named{a.Name, a.Range} }))
	rules := map[string][]named{}
	var of []string // the actions, in order
	for _, r := range p.Rules {
		action := strings.TrimSuffix(r.ID, r.Name)
		if rules[action] == nil {
			of = append(of, action)
		}
		rules[action] = append(rules[action], named{r.Name, r.Range})
	}
	for _, action := range of {
		f.lookAlikes("the rule", rules[action])
	}
	for _, s := range p.Signals {
		if s.Declared {
			f.attributes(s.Type, s.Range)
		}
	}
	for _, a := range p.Actions {
		f.attributes(a.Resource, a.Range)
	}
}

func namedOf[T any](of []T, name func(T) named) []named {
	out := make([]named, len(of))
	for i, x := range of {
		out[i] = name(x)
	}
	return out
}

// attributes looks at the attributes of an object, and of those within it.
func (f *finder) attributes(t *policy.Type, at diag.Range) {
	if t == nil {
		return
	}
	names := namedOf(t.Attrs, func(a policy.Attr) named { return named{a.Name, at} })
	f.lookAlikes("the attribute", names)
	for _, a := range t.Attrs {
		f.attributes(a.Type, at)
	}
	f.attributes(t.Elem, at)
}

// mostNames is up to how many names of a kind single letters are compared.
const mostNames = 5000

// lookAlikes reports each name that looks like one before it.
func (f *finder) lookAlikes(what string, names []named) {
	slices.SortStableFunc(names, func(a, b named) int { return comparePlaces(a.at, b.at) })
	seen := map[string]int{} // by how they look, and by how they look without one letter
	near := map[string][]int{}
	for i, n := range names {
		look := skeleton(n.name)
		j, alike := seen[look]
		if !alike {
			seen[look] = i
			if len(names) <= mostNames {
				j, alike = oneLetterOff(names, near, i)
			}
		}
		if !alike || n.name == names[j].name || n.at.File == "" {
			continue
		}
		subject := "`" + n.name + "`"
		if what != "" {
			subject = what + " " + subject
		}
		d := f.report(n.at, subject+" looks like `"+names[j].name+"`", "they are two names all the same, and nothing says when one is written for the other: rename one")
		if names[j].at.File != "" && names[j].at != n.at {
			d.Related = append(d.Related, diag.Related{Message: "the other one", Range: names[j].at})
		}
	}
}

// oneLetterOff finds a name before the i-th that differs from it in one letter: one that is another, one more or less, or two changed over. Two such have in
// common what is left of them without one letter.
func oneLetterOff(names []named, near map[string][]int, i int) (int, bool) {
	name := strings.ToLower(names[i].name)
	if len(name) < shortestWord || len(name) > policy.MaxNameBytes {
		return 0, false
	}
	found := -1
	for at := 0; at <= len(name); at++ {
		less := name
		if at < len(name) {
			if !utf8.RuneStart(name[at]) {
				continue
			}
			_, size := utf8.DecodeRuneInString(name[at:])
			less = name[:at] + name[at+size:]
		}
		for _, j := range near[less] {
			if (found < 0 || j < found) && slip(strings.ToLower(names[j].name), name) {
				found = j
			}
		}
		near[less] = append(near[less], i)
	}
	return found, found >= 0
}

// shortestWord is from how many letters on one of them may be overlooked.
const shortestWord = 5

// slip reports whether two names differ in one letter of a word: the only word in which they differ, of shortestWord letters or more in both. Numbers are
// there to tell names apart.
func slip(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] && strings.IndexFunc(a, notLetter) == strings.IndexFunc(b, notLetter) {
		end := strings.IndexFunc(a, notLetter)
		if end < 0 || a[:end+1] != b[:end+1] {
			break
		}
		a, b = a[end+1:], b[end+1:]
	}
	x, y := firstWord(a), firstWord(b)
	if a[len(x):] != b[len(y):] {
		return false
	}
	r, s := []rune(x), []rune(y)
	if min(len(r), len(s)) < shortestWord {
		return false
	}
	for len(r) > 0 && len(s) > 0 && r[0] == s[0] {
		r, s = r[1:], s[1:]
	}
	for len(r) > 0 && len(s) > 0 && r[len(r)-1] == s[len(s)-1] {
		r, s = r[:len(r)-1], s[:len(s)-1]
	}
	swapped := len(r) == 2 && len(s) == 2 && r[0] == s[1] && r[1] == s[0]
	return swapped || len(r) <= 1 && len(s) <= 1
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

func firstWord(s string) string {
	if end := strings.IndexFunc(s, notLetter); end >= 0 {
		return s[:end]
	}
	return s
}

// skeleton is how a name looks: what looks the same has the same.
func skeleton(name string) string {
	var b strings.Builder
	for _, r := range name {
		if plain, ok := decomposed[r]; ok {
			b.WriteString(plain)
			continue
		}
		if strings.ContainsRune(" -_./", r) {
			r = '_'
		}
		if like, ok := confusables[r]; ok {
			r = like
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.NewReplacer("rn", "m", "vv", "w", "0", "o", "1", "l").Replace(b.String())
}

// confusables are the letters that look like ASCII's, of the scripts that people write policies in: Unicode Technical Standard 39, section 4, as far as that
// goes for them; what looks like a capital stands for the small letter, since case does not count.
var confusables = pairs(
	"аaбbвbгrеeіiјjкkмmнhоoрpсcтtуyхxѕsԁdһhԛqԝwѵvАaВbЕeІiЈjКkМmНhОoРpСcТtУyХxЅsԌgԚqԜwҮyҐr", // Cyrillic
	"αaνvιiκkοoρpτtυuχxγyΑaΒbΕeΖzΗhΙiΚkΜmΝnΟoΡpΤtΥyΧx",                                     // Greek
	"ıiɑaɡgɩiʋuⅼlⅰiⅴvⅹxⅽcⅾdⅿmℓlℎh|l",                                                       // others
)

func pairs(lists ...string) map[rune]rune {
	out := map[rune]rune{}
	for _, list := range lists {
		r := []rune(list)
		for i := 0; i+1 < len(r); i += 2 {
			out[r[i]] = r[i+1]
		}
	}
	for r := 'ａ'; r <= 'ｚ'; r++ { // full width
		out[r] = 'a' + r - 'ａ'
	}
	for r := 'Ａ'; r <= 'Ｚ'; r++ {
		out[r] = 'a' + r - 'Ａ'
	}
	return out
}

// decomposed are letters with a mark as two characters, which look no different: those of Latin-1 and Latin Extended-A.
var decomposed = decompose(
	"\u0300", "ÀAÈEÌIÒOÙUàaèeìiòoùuǸNǹn",
	"\u0301", "ÁAÉEÍIÓOÚUÝYáaéeíióoúuýyĆCćcĹLĺlŃNńnŔRŕrŚSśsŹZźz",
	"\u0302", "ÂAÊEÎIÔOÛUâaêeîiôoûuĈCĉcĜGĝgĤHĥhĴJĵjŜSŝsŴWŵwŶYŷy",
	"\u0303", "ÃAÑNÕOãañnõoĨIĩiŨUũu",
	"\u0308", "ÄAËEÏIÖOÜUäaëeïiöoüuÿyŸY",
	"\u030a", "ÅAåaŮUůu",
	"\u0327", "ÇCçcĢGĶKķkĻLļlŅNņnŖRŗrŞSşsŢTţt",
	"\u030c", "ČCčcĎDďdĚEěeŇNňnŘRřrŠSšsŤTťtŽZžz",
	"\u0304", "ĀAāaĒEēeĪIīiŌOōoŪUūu",
	"\u0328", "ĄAąaĘEęeĮIįiŲUųu",
	"\u030b", "ŐOőoŰUűu",
	"\u0307", "ĊCċcĖEėeĠGġgİIŻZżz",
)

func decompose(lists ...string) map[rune]string {
	out := map[rune]string{}
	for i := 0; i+1 < len(lists); i += 2 {
		r := []rune(lists[i+1])
		for j := 0; j+1 < len(r); j += 2 {
			out[r[j]] = strings.ToLower(string(r[j+1])) + lists[i]
		}
	}
	return out
}
