package validate

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"vouch/internal/demo"
)

var (
	seeds   = flag.Int("validate.seeds", 5, "how many seeds to hold the product against")
	persons = flag.Int("validate.persons", 0, "persons of each demo; 0: 2,000 in a test, 4,000 when the result is written")
	write   = flag.Bool("validate.write", false, "write the result to docs/validation.md")
)

// TestValidate compares the product with the truth of several seeds: counts and sums exactly,
// intervals by how often they hold it.
func TestValidate(t *testing.T) {
	ctx := context.Background()
	if *persons == 0 {
		*persons = 2000
		if *write {
			*persons = 4000
		}
	}
	var all []Interval
	compared := 0
	for seed := range uint64(*seeds) {
		o := demo.Options{Seed: 100 + seed, Persons: *persons, Partners: 24}
		func() {
			p, err := Open(ctx, t.TempDir(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.Close() }()
			found, n, err := p.Exact(ctx)
			if err != nil {
				t.Fatal(err)
			}
			compared += n
			for _, m := range found {
				t.Errorf("seed %d: %s", o.Seed, m)
			}
			is, err := p.Intervals(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for i := range is {
				if !is[i].Covers() && testing.Verbose() {
					t.Logf("seed %d: %s", o.Seed, is[i])
				}
			}
			all = append(all, is...)
			t.Log(p.srm(ctx, t))
		}()
	}
	cs := Cover(all)
	if len(cs) != 11 {
		t.Errorf("%d families of intervals, want 11: an estimate is not computed any more", len(cs))
	}
	for _, c := range cs {
		if !c.OK() {
			t.Errorf("%s: %d of %d intervals hold the truth, tolerated %d to %d", c.Family, c.Held, c.N, c.Fewest, c.Most)
		}
	}
	right := verdicts(ctx, t, *seeds)
	t.Logf("%d counts and sums compared\n%s", compared, Table(cs))
	if *write {
		text := document(*seeds, *persons, compared, cs, right) + prove(t) + relabel(t)
		if t.Failed() {
			return // a record of what does not hold would be taken for one of what does
		}
		if err := os.WriteFile(filepath.Join("..", "..", "..", "docs", "validation.md"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// srm checks the experiment whose shares were tampered with; that one is found in every seed.
func (p *Project) srm(ctx context.Context, t *testing.T) string {
	t.Helper()
	v, err := p.tampered(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if v.PValue == nil || *v.PValue > 0.001 {
		t.Errorf("seed %d: the sample-ratio mismatch of banner was not found", p.Truth.Seed)
		return "banner: not found"
	}
	return fmt.Sprintf("banner: p = %.2g", *v.PValue)
}
