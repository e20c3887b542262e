package funnel

import (
	"fmt"
	"slices"
	"strings"

	"vouch/referral"
)

// columns are the contract columns a condition, a breakdown or a held property may name. Everything
// else of an event is a property: prop.NAME.
var columns = []string{"partner_id", "referrer_id", "referral_code", "channel", "campaign", "order_id", "currency", "status", "source"}

// source is what a key of an event stands for; "" is the event itself.
type source string

// The tables behind the keys of an event: the partner, the referrer, and the person with attributes and
// with the two dates that make cohorts.
const (
	ofPartner  source = "partner"
	ofReferrer source = "referrer"
	ofPerson   source = "person"
	ofFirst    source = "cohort"   // period of the person's first event
	ofAcquired source = "acquired" // period of the person's acquisition
)

// named lists, by prefix, the names a source has; persons have any attribute.
var named = map[source][]string{
	ofPartner:  {"archetype", "tier", "industry", "region", "audience", "owner"},
	ofFirst:    {"day", "week", "month", "quarter"},
	ofAcquired: {"day", "week", "month", "quarter"},
}

// field says where a name is read: a text column of event_facts, a JSON property of the event, or
// something that a key of the event stands for.
type field struct {
	Column string // of event_facts; a key if Of is set
	Prop   string // property of the event
	Of     source
	Name   string // partner's column, person's attribute, or calendar grain
}

// fieldOf reads a valid name.
func fieldOf(name string) field {
	prefix, rest, dotted := strings.Cut(name, ".")
	switch {
	case name == "partner_id":
		return field{Column: "partner_key", Of: ofPartner, Name: name}
	case name == "referrer_id":
		return field{Column: "referrer_key", Of: ofReferrer}
	case !dotted:
		return field{Column: name}
	}
	switch of := source(prefix); of {
	case ofPartner:
		return field{Column: "partner_key", Of: of, Name: rest}
	case ofPerson, ofFirst, ofAcquired:
		return field{Column: "person_key", Of: of, Name: rest}
	default:
		return field{Prop: rest}
	}
}

// isID reports whether the key itself is the value, so that texts are wanted for people only.
func (f field) isID() bool { return f.Of == ofReferrer || f.Of == ofPartner && f.Name == "partner_id" }

// dated reports whether the value is a calendar period.
func (f field) dated() bool { return f.Of == ofFirst || f.Of == ofAcquired }

// ofOnePerson reports whether all events of a person have the same value.
func (f field) ofOnePerson() bool { return f.Of == ofPerson || f.dated() }

// isField reports whether a name can be read of the events of a project. A property's name is bound
// into a JSON path, where a quote or backslash would mean something else.
func isField(name string) bool {
	prefix, rest, dotted := strings.Cut(name, ".")
	if !dotted {
		return slices.Contains(columns, name)
	}
	if names, ok := named[source(prefix)]; ok {
		return slices.Contains(names, rest)
	}
	return (prefix == "prop" || prefix == string(ofPerson)) && rest != "" && !strings.ContainsAny(rest, "\"\\")
}

// isProp reports whether a name is that of a property, all that events of a count have.
func isProp(name string) bool { return strings.HasPrefix(name, "prop.") && len(name) > len("prop.") }

// fieldHint says what a name that is no field may have been meant to be.
func fieldHint(name string, known func(string) bool) string {
	all := slices.Clone(columns)
	for _, of := range []source{ofPartner, ofFirst, ofAcquired} {
		for _, n := range named[of] {
			all = append(all, string(of)+"."+n)
		}
	}
	prefix, _, _ := strings.Cut(name, ".")
	hint := "properties are written prop.NAME"
	if names, ok := named[source(prefix)]; ok && known(prefix+"."+names[0]) {
		hint = prefix + ". goes with " + strings.Join(names, ", ")
	}
	if s := referral.Suggest(name, all); s != "" && known(s) {
		hint = fmt.Sprintf("did you mean %q? %s", s, hint)
	}
	return hint
}
