package validate

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vouch/experiments"
	"vouch/internal/demo"
	"vouch/internal/publicdata"
	"vouch/internal/sqltext"
)

var repeats = flag.Int("validate.repeats", 0, "repeats of re-labelled experiments; 0: 3 in a test, 500 when the result is written")

// relabelled is a project whose units of one experiment are dealt to variants anew: whatever the variants did, these
// did nothing.
type relabelled struct {
	p     *Project
	r     *rand.Rand
	sizes []int // units of each variant, control first
}

// keep makes a table of the units to deal: those of an experiment in one variant, or the ones the condition leaves.
func keep(ctx context.Context, p *Project, experiment, condition string, sizes func(units int) []int) (*relabelled, error) {
	st := sqltext.Raw("keep", fmt.Sprintf(`CREATE OR REPLACE TABLE dealt AS
SELECT row_number() OVER (ORDER BY unit_id) AS n, unit_id, min(exposed_at) AS exposed_at, min(stratum) AS stratum
FROM exposures WHERE experiment = '%s' %s GROUP BY unit_id HAVING count(DISTINCT variant) = 1`, experiment, condition))
	if err := p.DB.Exec(ctx, st); err != nil {
		return nil, err
	}
	n, err := p.tally(ctx, "SELECT 'units', count(*) FROM dealt")
	if err != nil {
		return nil, err
	}
	return &relabelled{p: p, r: rand.New(rand.NewPCG(20261121, uint64(n["units"]))), sizes: sizes(int(n["units"]))}, nil
}

// equal deals units to k variants of one size, up to one.
func equal(k int) func(units int) []int {
	return func(units int) []int {
		out := make([]int, k)
		for i := range units {
			out[i%k]++
		}
		return out
	}
}

// deal shuffles the labels and puts them in place of the exposures of experiment "dealt".
func (d *relabelled) deal(ctx context.Context) error {
	var labels []byte
	for v, n := range d.sizes {
		labels = append(labels, strings.Repeat(string(rune('0'+v)), n)...)
	}
	d.r.Shuffle(len(labels), func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	for _, st := range []sqltext.Stmt{
		sqltext.Raw("clear", "DELETE FROM exposures WHERE experiment = 'dealt'"),
		sqltext.Raw("deal", `INSERT INTO exposures (experiment, unit_id, variant, exposed_at, stratum)
SELECT 'dealt', unit_id, 'v' || label, exposed_at, stratum
FROM dealt JOIN (SELECT unnest(string_split(s, '')) AS label, unnest(range(1, len(s) + 1)) AS n FROM (SELECT CAST(? AS VARCHAR) AS s)) USING (n)
ORDER BY n`, string(labels)),
	} {
		if err := d.p.DB.Exec(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

// counter counts rejections by what was read, in the order in which that first occurred.
type counter struct {
	order []string
	seen  map[string]*[2]int // yes, of
	// adjusted says of each metric that should have a covariate whether it had.
	adjusted []bool
}

func (k *counter) add(what string, yes bool) {
	if k.seen == nil {
		k.seen = map[string]*[2]int{}
	}
	if k.seen[what] == nil {
		k.seen[what] = &[2]int{}
		k.order = append(k.order, what)
	}
	if k.seen[what][1]++; yes {
		k.seen[what][0]++
	}
}

// test counts a p-value, limits whether an interval leaves out 0.
func (k *counter) test(what string, p *float64) {
	if p != nil {
		k.add(what, *p <= alpha)
	}
}

func (k *counter) limits(what string, lo, hi *float64) {
	if lo != nil && hi != nil {
		k.add(what, !holds(lo, hi, 0))
	}
}

// read counts everything in the first comparison of each metric that a verdict or a reader may rest on, and by role
// whether any comparison is called.
func (k *counter) read(r experiments.Result) {
	called := map[string]bool{}
	for _, m := range r.Metrics {
		c := m.Comparisons[0]
		name := m.Name + ", " + c.Method
		if strings.HasPrefix(m.Name, "CUPED") {
			k.adjusted = append(k.adjusted, c.Unadjusted != nil)
		}
		k.test(name, c.PValue)
		k.limits(m.Name+", interval by "+c.Effect.Method, c.Effect.Lo, c.Effect.Hi)
		k.limits(m.Name+", lift", c.Lift.Lo, c.Lift.Hi)
		if d := c.Delayed; d != nil {
			k.test(m.Name+", log-rank", d.LogRank)
			k.limits(m.Name+", Kaplan–Meier", d.KaplanMeier.Lo, d.KaplanMeier.Hi)
			k.limits(m.Name+", restricted mean", d.RestrictedMean.Lo, d.RestrictedMean.Hi)
		}
		if s := c.Strata; s != nil {
			k.limits(m.Name+", post-stratified", s.PostStratified.Lo, s.PostStratified.Hi)
			k.test(m.Name+", Cochran–Mantel–Haenszel", s.CMH)
			k.test(m.Name+", heterogeneity of strata", s.PValue)
		}
		for _, c := range m.Comparisons {
			called[m.Role] = called[m.Role] || c.Decision == experiments.DecisionWorse || c.Decision == experiments.DecisionBetter && m.Role != experiments.RoleGuardrail
		}
	}
	if r.Money != nil {
		p := r.Money.Comparisons[0].Profit
		k.limits("profit, "+p.Method, p.Lo, p.Hi)
	}
	for _, role := range []string{experiments.RolePrimary, experiments.RoleSecondary, experiments.RoleGuardrail} {
		if _, ok := called[role]; ok {
			k.add("role "+role, called[role])
		}
	}
	k.add("verdict ship or stop", r.Verdict.Action == experiments.ActionShip || r.Verdict.Action == experiments.ActionStop)
}

// dealing is one experiment to deal over and over.
type dealing struct {
	name, experiment, condition string
	sizes                       func(units int) []int
	def                         experiments.Definition
}

// run deals and reads out.
func (x dealing) run(ctx context.Context, t *testing.T, p *Project, n int) []finding {
	t.Helper()
	d, err := keep(ctx, p, x.experiment, x.condition, x.sizes)
	if err != nil {
		t.Fatal(err)
	}
	var k counter
	for range n {
		if err := d.deal(ctx); err != nil {
			t.Fatal(err)
		}
		r, err := experiments.Compute(ctx, p.DB, x.def, p.Scope)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range r.Arms {
			if a.N != int64(d.sizes[i]) && x.def.Unit == "" { // others lose bots and internal persons
				t.Fatalf("%s: %d units of %s, dealt %d", x.name, a.N, a.Variant, d.sizes[i])
			}
		}
		k.read(r)
	}
	if slices.Contains(k.adjusted, false) {
		t.Errorf("%s: a metric is not adjusted", x.name)
	}
	var out []finding
	for _, what := range k.order {
		c := claim{what: x.name + ": " + what, rate: alpha}
		switch {
		case strings.HasPrefix(what, "median"): // ranks are whole and values shared: the interval is a little wide
			c.below = free
		case what == "role "+experiments.RoleGuardrail, strings.HasPrefix(what, "verdict"), what == "role "+experiments.RoleSecondary:
			c.below = free
		}
		out = append(out, c.judge(k.seen[what][0], k.seen[what][1]))
	}
	return out
}

// relabel deals the demo's experiments and a public one, and returns the section of the record.
func relabel(t *testing.T) string {
	t.Helper()
	n := *repeats
	if n == 0 {
		n = 3
		if *write {
			n = 500
		}
	}
	ctx := context.Background()
	var parts [3][]finding // in the order of the record, however they come
	t.Run("all", func(t *testing.T) {
		t.Run("demo", func(t *testing.T) {
			t.Parallel()
			p := open(t, demo.Options{Seed: demo.DefaultSeed, Persons: demo.DefaultPersons, Partners: demo.DefaultPartners})
			for _, x := range demoDealings() {
				parts[0] = append(parts[0], x.run(ctx, t, p, n)...)
			}
		})
		t.Run("hillstrom", func(t *testing.T) {
			t.Parallel()
			parts[1] = hillstromDealing().run(ctx, t, openHillstrom(ctx, t), n)
		})
		t.Run("looks", func(t *testing.T) {
			t.Parallel()
			p := open(t, demo.Options{Seed: demo.DefaultSeed, Persons: demo.DefaultPersons, Partners: demo.DefaultPartners})
			parts[2] = looks(ctx, t, p, max(1, n/5))
		})
	})
	fs := slices.Concat(parts[0], parts[1], parts[2])
	check(t, fs)
	table := claimTable(fs)
	t.Logf("\n%s", table)
	return "\n**Is nothing found where nothing is?** " + relabelText + "\n\n" + table
}

const relabelText = `The units of real experiments are dealt to variants anew, over and over, and read out by the engine as any experiment: whatever the
variants did, these did nothing. The rows are the p-values at 5 %, the intervals at 95 % that leave out 0, whether any comparison of a role is called
better or worse after the corrections (a guardrail: worse), and the verdict.`

// openHillstrom loads the public e-mail test by its example project.
func openHillstrom(ctx context.Context, t *testing.T) *Project {
	t.Helper()
	data := filepath.Dir(publicdata.Dir(t, "hillstrom"))
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "hillstrom", "vouch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := load(ctx, dir, func(name string) string { return map[string]string{"VOUCH_DATA": data}[name] })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestRelabelled deals with few repeats; the record is part of TestValidate.
func TestRelabelled(t *testing.T) {
	if *write {
		t.Skip("part of TestValidate when the result is written")
	}
	relabel(t)
}
