package funnel

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// Event is one event of a count without a project: a person, a time of any integer unit, a name and
// properties as JSON.
type Event struct {
	Person string
	TS     int64
	Name   string
	Props  map[string]json.RawMessage
}

// ErrIdentityCycle says that following aliases never ends.
var ErrIdentityCycle = errors.New("aliases form a cycle")

// LoadEvents puts events in any order into the contract tables that funnels read, in place of what is
// there. Aliases are followed to the end before anything else. Times stay the integers they are.
func LoadEvents(ctx context.Context, w engine.Writer, events []Event, identity map[string]string) error {
	sorted, err := merged(events, identity)
	if err != nil {
		return err
	}
	f, err := newFacts(sorted)
	if err != nil {
		return err
	}
	return w.Tx(ctx, func(tx engine.Tx) error {
		for _, s := range f.statements() {
			if err := tx.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// facts are events as the columns of the contract tables.
type facts struct {
	persons, names []string // by key
	person, event  []int64
	at             []int64
	properties     []string
}

// newFacts numbers persons and names of events, which are sorted by person.
func newFacts(events []Event) (*facts, error) {
	f := &facts{persons: []string{}, names: []string{}, person: []int64{}, event: []int64{}, at: []int64{}, properties: []string{}}
	keys := map[string]int64{}
	for i, e := range events {
		if i == 0 || e.Person != events[i-1].Person {
			f.persons = append(f.persons, e.Person)
		}
		key, ok := keys[e.Name]
		if !ok {
			key = int64(len(f.names))
			keys[e.Name] = key
			f.names = append(f.names, e.Name)
		}
		props, err := json.Marshal(e.Props)
		if err != nil {
			return nil, fmt.Errorf("properties of event %q: %w", e.Name, err)
		}
		f.person, f.event = append(f.person, int64(len(f.persons)-1)), append(f.event, key)
		f.at, f.properties = append(f.at, e.TS), append(f.properties, string(props))
	}
	return f, nil
}

// statements write the tables. A list of values travels as one argument.
func (f *facts) statements() []sqltext.Stmt {
	raw := func(text string, args ...any) sqltext.Stmt { return sqltext.Raw("funnel/load", text, args...) }
	keyed := func(table, key, id string, values []string) []sqltext.Stmt {
		keys := make([]int64, len(values))
		for i := range keys {
			keys[i] = int64(i)
		}
		return []sqltext.Stmt{
			raw(fmt.Sprintf("CREATE OR REPLACE TABLE %s (%s BIGINT, %s VARCHAR, rows BIGINT)", table, key, id)),
			raw(fmt.Sprintf("INSERT INTO %s SELECT unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS VARCHAR[])), 0", table), keys, values),
		}
	}
	out := append(keyed("persons", "person_key", "person_id", f.persons), keyed("event_names", "event_key", "event", f.names)...)
	return append(out,
		raw("CREATE OR REPLACE TABLE meta (key VARCHAR, value VARCHAR)"),
		raw("CREATE OR REPLACE TABLE event_facts (person_key BIGINT, occurred_at BIGINT, event_key BIGINT, properties VARCHAR)"),
		raw("INSERT INTO event_facts SELECT unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS VARCHAR[]))",
			f.person, f.at, f.event, f.properties),
	)
}

// merged applies the identity map and sorts by person and time; the sort is stable only for the sake of
// reproducible rows, no answer depends on it.
func merged(events []Event, identity map[string]string) ([]Event, error) {
	final := map[string]string{}
	for _, alias := range slices.Sorted(maps.Keys(identity)) {
		at := alias
		for range len(identity) {
			next, ok := identity[at]
			if !ok {
				break
			}
			at = next
		}
		if _, more := identity[at]; more {
			return nil, fmt.Errorf("identity of %q: %w", alias, ErrIdentityCycle)
		}
		final[alias] = at
	}
	out := slices.Clone(events)
	for i := range out {
		if p, ok := final[out[i].Person]; ok {
			out[i].Person = p
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.TS, b.TS))
	})
	return out, nil
}
