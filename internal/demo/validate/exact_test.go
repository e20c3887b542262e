package validate

import (
	"context"
	"testing"

	"vouch/internal/demo"
)

func open(t *testing.T, o demo.Options) *Project {
	t.Helper()
	p, err := Open(context.Background(), t.TempDir(), o)
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

// The engine's counts and sums are those of the generator's books, for several seeds and sizes.
func TestExact(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		p := open(t, demo.Options{Seed: seed, Persons: 2000, Partners: 20 + int(seed)})
		found, compared, err := p.Exact(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range found {
			t.Errorf("seed %d: %s", seed, m)
		}
		if compared < 250 {
			t.Errorf("seed %d: only %d values were compared", seed, compared)
		}
	}
}
