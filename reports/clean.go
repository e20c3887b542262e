package reports

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"vouch/reports/chart"
)

// The lengths in characters to which pages and e-mail cut texts of the data in the middle: names and
// ids, and sentences that hold names. JSON files have them in full.
const maxName, maxProse = 200, 2000

// Clean makes a text from the data harmless wherever it is shown: control characters, which drive
// terminals and end lines of e-mail, the characters that turn the direction of writing for all that
// follows, and bytes that are no UTF-8 become U+FFFD; tabs and line ends become spaces.
func Clean(s string) string { return clean(s, false) }

// clean is Clean that may keep the lines of a text.
func clean(s string, lines bool) string {
	ok := !strings.ContainsFunc(s, func(r rune) bool { return harmful(r) || r == unicode.ReplacementChar })
	if ok {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case !harmful(r):
			return r
		case r == '\n' || r == '\t':
			if lines {
				return r
			}
			return ' '
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		}
		return unicode.ReplacementChar
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// harmful reports whether a character does something instead of being something.
func harmful(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // embeddings, overrides, isolates
		return true
	}
	return false
}

// isolate keeps a name that is written from right to left from turning the sentence around it. In
// markup the element bdi does this.
func isolate(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool {
		return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
	}) {
		return "\u2068" + name + "\u2069"
	}
	return name
}

// cleaner copies what is shown with clean texts.
type cleaner struct {
	bounded bool // cut long texts too
}

// nameFields are the fields that hold names and ids of the data.
var nameFields = []string{
	"Name", "Key", "PartnerID", "Subject", "Variant", "Arm", "Control", "Source", "Archetype", "Industry", "Region", "Tier",
}

// cleaned returns a copy of a bundle with clean texts, and with bounded ones if asked for. Nothing of
// the bundle itself is changed.
func cleaned(b *Bundle, bounded bool) *Bundle {
	out, ok := cleaner{bounded}.value(reflect.ValueOf(*b), "").Interface().(Bundle)
	if !ok {
		panic("a copy has another type than what it is a copy of")
	}
	return &out
}

// text cleans a text of the named field.
func (c cleaner) text(s, field string) string {
	if field == "SQL" {
		return clean(s, true)
	}
	bound := maxProse
	if slices.Contains(nameFields, field) {
		bound = maxName
	}
	if c.bounded && len(s) > bound {
		// The middle goes before the letters are looked at: a text may have millions of them.
		if len(s) > 8*bound {
			s = s[:4*bound] + "…" + s[len(s)-4*bound:]
		}
		return chart.Shorten(Clean(s), bound)
	}
	return Clean(s)
}

// value copies a value; field is the name of the struct field it stands in.
func (c cleaner) value(v reflect.Value, field string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		out.SetString(c.text(v.String(), field))
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(c.value(v.Elem(), field))
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		out.Set(c.value(v.Elem(), field))
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return v
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(c.value(v.Index(i), field))
		}
	case reflect.Array:
		for i := range v.Len() {
			out.Index(i).Set(c.value(v.Index(i), field))
		}
	case reflect.Map:
		return c.mapping(v, field)
	case reflect.Struct:
		out.Set(v)
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				out.Field(i).Set(c.value(v.Field(i), f.Name))
			}
		}
	default:
		return v
	}
	return out
}

// mapping copies a map. Keys that become equal are told apart by further marks.
func (c cleaner) mapping(v reflect.Value, field string) reflect.Value {
	if v.IsNil() {
		return v
	}
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	keys := v.MapKeys()
	text := v.Type().Key().Kind() == reflect.String
	if text {
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	}
	for _, k := range keys {
		item := c.value(v.MapIndex(k), field)
		if text {
			s := c.text(k.String(), "Key")
			for out.MapIndex(reflect.ValueOf(s).Convert(k.Type())).IsValid() {
				s += string(unicode.ReplacementChar)
			}
			k = reflect.ValueOf(s).Convert(k.Type())
		}
		out.SetMapIndex(k, item)
	}
	return out
}

// personal are the fields of events whose values point to a single person.
var personal = map[string]string{"referrer_id": "referrer", "referral_code": "referral code", "order_id": "order"}

// impersonal puts numbers, by rank, in place of keys that point to a single person: reports lie on
// shared disks and go round by mail. The command shows the keys to those who may read the project.
func impersonal(b *Bundle) *Bundle {
	for i := range b.Funnels {
		one, ok := personal[b.Funnels[i].By]
		if !ok {
			continue
		}
		for j := range b.Funnels[i].Groups {
			if g := &b.Funnels[i].Groups[j]; g.Key != "" {
				g.Key = one + " " + strconv.Itoa(j+1)
			}
		}
	}
	return b
}
