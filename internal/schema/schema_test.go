package schema_test

import (
	"regexp"
	"testing"

	"vouch/internal/schema"
	"vouch/referral"
)

// The contract holds together: names are plain, keys and roles point at columns that exist.
func TestInputs_areConsistent(t *testing.T) {
	plain := regexp.MustCompile(`^[a-z][a-z_]*$`)
	tables := map[string]bool{}
	for _, table := range schema.Inputs() {
		if tables[table.Name] || !plain.MatchString(table.Name) || table.Grain == "" {
			t.Errorf("table %q: name or grain", table.Name)
		}
		tables[table.Name] = true
		columns, amounts, currencies := map[string]bool{"source": true}, 0, 0 // ingest adds the source
		for _, c := range table.Columns {
			if columns[c.Name] || !plain.MatchString(c.Name) {
				t.Errorf("%s.%s is repeated or no plain name", table.Name, c.Name)
			}
			columns[c.Name] = true
			switch c.Type {
			case schema.Text, schema.Int, schema.Bool, schema.Timestamp, schema.Date, schema.Decimal:
			default:
				t.Errorf("%s.%s has type %q", table.Name, c.Name, c.Type)
			}
			if (c.Role == schema.Enum) != (len(c.Values) > 0) {
				t.Errorf("%s.%s: values without the role, or the role without values", table.Name, c.Name)
			}
			if c.Role == schema.Amount {
				amounts++
				if c.Type != schema.Int {
					t.Errorf("%s.%s is money in %s", table.Name, c.Name, c.Type)
				}
			}
			if c.Role == schema.CurrencyCode {
				currencies++
			}
		}
		if amounts > 0 && currencies != 1 {
			t.Errorf("%s has %d amounts and %d currencies", table.Name, amounts, currencies)
		}
		for _, k := range table.Key {
			if !columns[k] {
				t.Errorf("%s: key %q is no column", table.Name, k)
			}
		}
		if table.Unique && len(table.Key) == 0 {
			t.Errorf("%s is unique by nothing", table.Name)
		}
	}
}

func TestInput(t *testing.T) {
	costs, ok := schema.Input("costs")
	if !ok || costs.Name != "costs" {
		t.Fatal("costs is not an input")
	}
	kind, ok := costs.Column("kind")
	if !ok || len(kind.Values) != len(referral.CostKinds()) {
		t.Errorf("cost kinds %v", kind.Values)
	}
	if _, ok := costs.Column("nope"); ok {
		t.Error("costs has a column nope")
	}
	if _, ok := schema.Input("event_facts"); ok {
		t.Error("a derived table is an input")
	}
}
