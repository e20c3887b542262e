package attribution

import (
	"fmt"
	"slices"
	"strings"

	"vouch/referral"
)

// Models lists the models Compute knows, in the order it shows them.
func Models() []string { return []string{First, Last, Linear, Position, ShapleySet} }

// Keys lists what credit can be given to.
func Keys() []string { return []string{"partner_id", "channel", "campaign"} }

// Validate reports every mistake of the definition, with paths relative to it.
func (d Definition) Validate() referral.Problems {
	var ps referral.Problems
	add := func(path, msg, hint string) { ps = append(ps, referral.Problem{Path: path, Msg: msg, Hint: hint}) }
	if d.Conversion == "" {
		add("conversion", "the event that converts is missing", "for example purchase")
	}
	if len(d.Touches) == 0 {
		add("touches", "no event earns credit", "list the events that bring people, such as invite_clicked")
	}
	for i, t := range d.Touches {
		path := fmt.Sprintf("touches[%d]", i)
		switch {
		case t == "":
			add(path, "the event has no name", "")
		case slices.Contains(d.Touches[:i], t):
			add(path, fmt.Sprintf("%q is listed twice", t), "remove one")
		}
	}
	if d.Window < 0 {
		add("window", "the look-back window is negative", "for example 30d; without a limit leave it out")
	}
	if d.Model != "" && !slices.Contains(Models(), d.Model) {
		add("model", fmt.Sprintf("%q is not a model", d.Model), hint(d.Model, Models()))
	}
	if d.By != "" && !slices.Contains(Keys(), d.By) {
		add("by", fmt.Sprintf("credit cannot be given by %q", d.By), hint(d.By, Keys()))
	}
	return ps
}

// hint names the value that was probably meant, or all of them.
func hint(word string, known []string) string {
	if s := referral.Suggest(word, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return "one of " + strings.Join(known, ", ")
}

func (d Definition) withDefaults() Definition {
	if d.By == "" {
		d.By = "partner_id"
	}
	return d
}

// models are the names of the models the definition asks for.
func (d Definition) models() []string {
	if d.Model != "" {
		return []string{d.Model}
	}
	return Models()
}
