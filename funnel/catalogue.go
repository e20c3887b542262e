package funnel

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vouch/internal/engine"
	"vouch/referral"
)

// use is one mention of a name that the data may or may not have.
type use struct {
	path string
	name string
	// needed says that the funnel means nothing without it: what it is split by, must keep, or the one event
	// that can serve a step.
	needed bool
}

// eventUses lists every mention of an event by name: in the short form, or by equality in a condition.
func (d Definition) eventUses() []use {
	var out []use
	conditions := func(path string, alternatives [][]Condition, needed bool) {
		for i, all := range alternatives {
			for j, c := range all {
				if event, ok := isText(c.Value); ok && c.Field == "event" && c.Op == "=" {
					out = append(out, use{fmt.Sprintf("%s.any_of[%d][%d].value", path, i, j), event, needed && len(alternatives) == 1})
				}
			}
		}
	}
	for i, s := range d.Steps {
		path := fmt.Sprintf("steps[%d]", i)
		switch {
		case s.AnyOf != nil:
			conditions(path, s.AnyOf, true)
		case s.Event != "":
			out = append(out, use{path + ".event", s.Event, true})
		default:
			out = append(out, use{path + ".name", s.Name, true})
		}
	}
	for i, x := range d.Exclusions {
		path := fmt.Sprintf("exclusions[%d]", i)
		if x.AnyOf == nil {
			out = append(out, use{path: path + ".event", name: x.Event})
		}
		conditions(path, x.AnyOf, false)
	}
	return out
}

// Events lists the events the definition names, each once, in order of name.
func (d Definition) Events() []string {
	var out []string
	for _, u := range d.eventUses() {
		out = append(out, u.name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CheckEvents reports the events that the data do not have. Of exclusions, and of steps that other events
// serve as well, it reports only those for which the data have one of nearly the same name that the funnel
// does not mention itself: else they may just not have happened yet, and Compute says so in a finding.
func (d Definition) CheckEvents(catalogue []string) referral.Problems {
	var c check
	mentioned := d.Events()
	others := slices.DeleteFunc(slices.Sorted(slices.Values(catalogue)), func(e string) bool { return slices.Contains(mentioned, e) })
	for _, u := range d.eventUses() {
		if slices.Contains(catalogue, u.name) {
			continue
		}
		switch s := referral.Suggest(u.name, others); {
		case s != "":
			c.add(u.path, fmt.Sprintf("did you mean %q?", s), "%q is not in the event catalogue", u.name)
		case u.needed:
			c.add(u.path, "the data have no such event", "%q is not in the event catalogue", u.name)
		}
	}
	return c.problems
}

// propertyUses lists every mention of a property of events or of persons.
func (d Definition) propertyUses() []use {
	var out []use
	add := func(path, name string, needed bool) {
		if f := fieldOf(name); f.Prop != "" || f.Of == ofPerson {
			out = append(out, use{d.written(path), name, needed})
		}
	}
	if b := d.breakdown(); b != nil {
		add("breakdown.property", b.Property, true)
	}
	for i, h := range d.held() {
		add(fmt.Sprintf("hold_constant[%d]", i), h, true)
	}
	conditions := func(path string, alternatives [][]Condition) {
		for i, all := range alternatives {
			for j, c := range all {
				if c.Op != "is_null" {
					add(fmt.Sprintf("%s.any_of[%d][%d].field", path, i, j), c.Field, false)
				}
			}
		}
	}
	for i, s := range d.Steps {
		conditions(fmt.Sprintf("steps[%d]", i), s.alternatives())
	}
	for i, x := range d.Exclusions {
		conditions(fmt.Sprintf("exclusions[%d]", i), x.alternatives())
	}
	return out
}

// Unseen lists the events of the definition that the data do not have.
func (d Definition) Unseen(catalogue []string) []string {
	return slices.DeleteFunc(d.Events(), func(e string) bool { return slices.Contains(catalogue, e) })
}

// CheckProperties compares the properties of events and of persons that the definition names with what
// is loaded. One that nothing carries is refused where the funnel is split by it or holds it; in a
// condition only if there is one of nearly the same name. Without any event nothing is compared: there
// is nothing to be wrong about yet.
func (d Definition) CheckProperties(ctx context.Context, db engine.DB) (referral.Problems, error) {
	uses := d.propertyUses()
	if len(uses) == 0 {
		return nil, nil
	}
	cat, err := readCatalogue(ctx, db, units[0])
	if err != nil || len(cat.names) == 0 {
		return nil, err
	}
	var problems referral.Problems
	names := map[string][]string{}
	for _, u := range uses {
		prefix, name, _ := strings.Cut(u.name, ".")
		t := carrier{Table: "event_facts", Column: "properties", Name: name, what: "event"}
		if source(prefix) == ofPerson {
			t = carrier{Table: "persons", Column: "attributes", Name: name, what: "person"}
		}
		found, err := t.carried(ctx, db)
		if err != nil {
			return nil, err
		}
		if found {
			continue
		}
		if _, read := names[t.Table]; !read {
			if names[t.Table], err = t.names(ctx, db); err != nil {
				return nil, err
			}
		}
		hint := ""
		if s := referral.Suggest(name, names[t.Table]); s != "" {
			hint = fmt.Sprintf("did you mean %q?", prefix+"."+s)
		}
		if u.needed || hint != "" {
			problems = append(problems, referral.Problem{Path: u.path, Msg: fmt.Sprintf("no %s carries %q", t.what, u.name), Hint: hint})
		}
	}
	return problems, nil
}

// carrier is a table whose rows carry properties.
type carrier struct{ Table, Column, Name, what string }

// carried reports whether any row carries the property.
func (t carrier) carried(ctx context.Context, db engine.DB) (bool, error) {
	st, err := statements.Render(db.Dialect(), "has_property", t)
	if err != nil {
		return false, err
	}
	var n int64
	err = engine.One(ctx, db, st, &n)
	return n > 0, err
}

// names lists the properties that rows carry.
func (t carrier) names(ctx context.Context, db engine.DB) ([]string, error) {
	st, err := statements.Render(db.Dialect(), "properties", t)
	if err != nil {
		return nil, err
	}
	return engine.Collect(ctx, db, st, func(r *sql.Rows) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	})
}
