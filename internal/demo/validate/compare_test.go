package validate

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vouch/experiments"
	"vouch/funnel"
	"vouch/internal/demo"
	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/partners"
	"vouch/partners/attribution"
)

// Mismatch is a count or a sum that differs.
type Mismatch struct{ What, Want, Got string }

// String names the difference.
func (m Mismatch) String() string { return m.What + ": want " + m.Want + ", got " + m.Got }

// comparison collects mismatches and how many values were compared.
type comparison struct {
	compared int
	found    []Mismatch
}

func (c *comparison) equal(what string, want, got int64) {
	c.compared++
	if want != got {
		c.found = append(c.found, Mismatch{what, fmt.Sprint(want), fmt.Sprint(got)})
	}
}

// counts compares two maps over all their keys; an absent key counts as zero.
func (c *comparison) counts(what string, want, got map[string]int64) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(want)), maps.Keys(got))
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		c.equal(fmt.Sprintf("%s %q", what, k), want[k], got[k])
	}
}

func (c *comparison) text(what string, want, got []string) {
	c.compared++
	if w, g := strings.Join(want, " "), strings.Join(got, " "); w != g {
		c.found = append(c.found, Mismatch{what, w, g})
	}
}

// Exact compares everything that must be equal. It returns the differences and the number of values
// that were compared.
func (p *Project) Exact(ctx context.Context) ([]Mismatch, int, error) {
	c := &comparison{}
	for _, check := range []func(context.Context, *comparison) error{p.rows, p.people, p.money, p.funnels, p.credit, p.units} {
		if err := check(ctx, c); err != nil {
			return nil, 0, err
		}
	}
	return c.found, c.compared, nil
}

// tally runs a statement of (text, number) rows.
func (p *Project) tally(ctx context.Context, text string) (map[string]int64, error) {
	type pair struct {
		key sql.NullString
		n   int64
	}
	rows, err := engine.Collect(ctx, p.DB, sqltext.Raw("validate", text), func(r *sql.Rows) (pair, error) {
		var v pair
		return v, r.Scan(&v.key, &v.n)
	})
	out := map[string]int64{}
	for _, r := range rows {
		out[r.key.String] = r.n
	}
	return out, err
}

func (p *Project) rows(ctx context.Context, c *comparison) error {
	t := p.Truth.Rows
	excluded := maps.Clone(t.Excluded)
	for _, n := range t.Duplicates {
		excluded["duplicate"] += n
	}
	for _, x := range []struct {
		what, text string
		want       map[string]int64
	}{
		{"rows of source", "SELECT source, count(*) FROM events_all GROUP BY source ORDER BY source", t.BySource},
		{"excluded", "SELECT reason, count(*) FROM events_all WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason", excluded},
		{"events", "SELECT event, count(*) FROM events GROUP BY event ORDER BY event", t.Events},
		{"analysed", "SELECT 'all', count(*) FROM events", map[string]int64{"all": t.Analysed}},
		{"late", "SELECT 'all', count(*) FROM events WHERE received_at - occurred_at >= INTERVAL 1 DAY", map[string]int64{"all": t.Late}},
		{"persons", "SELECT 'all', count(DISTINCT person_id) FROM events", map[string]int64{"all": t.Persons}},
	} {
		got, err := p.tally(ctx, x.text)
		if err != nil {
			return err
		}
		c.counts(x.what, x.want, got)
	}
	return nil
}

// people compares the ids of flagged persons: what ingest settled, and the ring that only its
// behaviour gives away.
func (p *Project) people(ctx context.Context, c *comparison) error {
	settled := "SELECT person_id FROM persons WHERE contains(',' || flags || ',', ?) ORDER BY person_id"
	for _, x := range []struct {
		what, text, arg string
		want            []string
	}{
		{"bots", settled, ",bot,", p.Truth.Flagged.Bots},
		{"internal users", settled, ",internal,", p.Truth.Flagged.Internal},
		{"self-referrals", settled, ",self_referral,", p.Truth.Flagged.SelfReferrals},
		{"fraud ring", "SELECT DISTINCT subject FROM flags WHERE kind = ? ORDER BY subject", "ring", p.Truth.Flagged.FraudRing},
	} {
		got, err := engine.Collect(ctx, p.DB, sqltext.Raw("validate", x.text, x.arg), func(r *sql.Rows) (string, error) {
			var id string
			return id, r.Scan(&id)
		})
		if err != nil {
			return err
		}
		c.text(x.what, x.want, got)
	}
	return nil
}

func (p *Project) money(ctx context.Context, c *comparison) error {
	gross, refunds := map[string]int64{}, map[string]int64{}
	for currency, s := range p.Truth.Revenue.ByCurrency {
		gross[currency], refunds[currency] = s.GrossMinor, s.RefundsMinor
	}
	for _, x := range []struct {
		what, text string
		want       map[string]int64
	}{
		{"gross in", "SELECT currency, CAST(sum(amount_minor) AS BIGINT) FROM events WHERE amount_minor IS NOT NULL AND event <> 'refund' GROUP BY currency ORDER BY currency", gross},
		{"refunds in", "SELECT currency, CAST(sum(abs(amount_minor)) AS BIGINT) FROM events WHERE event = 'refund' GROUP BY currency ORDER BY currency", refunds},
		{"gross converted", "SELECT 'EUR', CAST(sum(value_minor) AS BIGINT) FROM event_facts WHERE value_minor > 0", map[string]int64{"EUR": p.Truth.Revenue.GrossMinor}},
		{"net converted", "SELECT 'EUR', CAST(sum(value_minor) AS BIGINT) FROM event_facts", map[string]int64{"EUR": p.Truth.Revenue.NetMinor}},
		{"cost", "SELECT kind, CAST(sum(value_minor) AS BIGINT) FROM costs GROUP BY kind ORDER BY kind", p.Truth.Revenue.CostByKind},
	} {
		got, err := p.tally(ctx, x.text)
		if err != nil {
			return err
		}
		c.counts(x.what, x.want, got)
	}
	return nil
}

func (p *Project) funnels(ctx context.Context, c *comparison) error {
	steps := func(what string, want []demo.FunnelStep, got []funnel.StepResult) {
		c.equal(what+" steps", int64(len(want)), int64(len(got)))
		for i := range min(len(want), len(got)) {
			c.equal(what+" "+want[i].Name, want[i].Persons, got[i].Persons)
		}
	}
	for _, name := range []string{"journey", "referral"} {
		res, err := funnel.Compute(ctx, p.DB, p.Cfg.Funnels[name], p.Scope)
		if err != nil {
			return err
		}
		truth := p.Truth.Funnels[name]
		steps("funnel "+name, truth.Steps, res.Steps)
		c.equal("funnel "+name+" partners", int64(len(truth.By)), int64(len(res.Groups)))
		for _, g := range res.Groups {
			steps("funnel "+name+" of "+g.Key, truth.By[g.Key], g.Steps)
		}
	}
	return nil
}

func (p *Project) credit(ctx context.Context, c *comparison) error {
	res, err := partners.Compute(ctx, p.DB, p.Scope, p.Cfg.Credit)
	if err != nil {
		return err
	}
	t := p.Truth
	c.equal("customers", t.Acquisitions.Total, int64(res.Totals.Acquisitions)/1e6)
	c.equal("revenue", t.Revenue.NetMinor, res.Totals.RevenueMinor)
	c.equal("cost", t.Revenue.CostMinor, res.Totals.CostMinor)
	seen := map[string]bool{}
	for _, r := range res.Partners {
		want := t.Credited[r.PartnerID]
		seen[r.PartnerID] = true
		c.equal("customers of "+r.PartnerID, want.Acquisitions, int64(r.Acquisitions)/1e6)
		c.equal("revenue of "+r.PartnerID, want.RevenueMinor, r.RevenueMinor)
		c.equal("cost of "+r.PartnerID, want.CostMinor, r.CostMinor)
	}
	for _, id := range slices.Sorted(maps.Keys(t.Credited)) {
		if w := t.Credited[id]; !seen[id] && w != (demo.PartnerSums{}) {
			c.equal("rows of "+id, 1, 0)
		}
	}
	touches, err := attribution.Compute(ctx, p.DB, p.Cfg.Attribution["house"], p.Scope)
	if err != nil {
		return err
	}
	got := map[string]int64{}
	for _, k := range lastModel(touches).Credits {
		key := k.Key
		if key == attribution.None {
			key = ""
		}
		got[key] = k.AcquisitionsMicro / 1e6
	}
	c.counts("last click of", t.Touches, got)
	return nil
}

// units compares the arms of the experiments.
func (p *Project) units(ctx context.Context, c *comparison) error {
	for _, name := range slices.Sorted(maps.Keys(p.Truth.Experiments)) {
		want := p.Truth.Experiments[name]
		res, err := experiments.Compute(ctx, p.DB, p.Cfg.Experiments[name], p.Scope)
		if err != nil {
			return err
		}
		got := map[string]int64{}
		for _, a := range res.Arms {
			got[a.Variant] = a.N
		}
		c.counts("units of "+name, want.Units, got)
		c.equal("two-variant units of "+name, want.Both, res.Hygiene.TwoVariants)
	}
	return nil
}

// lastModel is the model that gives all credit to the last touch, as the generator's books do.
func lastModel(r attribution.Result) attribution.Model {
	for _, m := range r.Models {
		if m.Name == attribution.Last {
			return m
		}
	}
	return attribution.Model{}
}
