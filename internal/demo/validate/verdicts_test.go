package validate

import (
	"context"
	"fmt"
	"testing"

	"vouch/experiments"
	"vouch/internal/demo"
)

// asked is the verdict that the truth asks for: reward pays for itself, landing has no effect, banner
// lost exposures.
var asked = []struct{ name, action string }{
	{"reward", experiments.ActionShip},
	{"landing", experiments.ActionHold},
	{"banner", experiments.ActionInvalid},
}

// verdicts counts, over n demos of the usual size, how often each experiment gets the verdict asked for.
func verdicts(ctx context.Context, t *testing.T, n int) map[string]int {
	t.Helper()
	right := map[string]int{}
	for seed := range uint64(n) {
		func() {
			p, err := Open(ctx, t.TempDir(), demo.Options{Seed: demo.DefaultSeed + seed, Persons: demo.DefaultPersons, Partners: demo.DefaultPartners})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.Close() }()
			for _, a := range asked {
				r, err := experiments.Compute(ctx, p.DB, p.Cfg.Experiments[a.name], p.Scope)
				if err != nil {
					t.Fatal(err)
				}
				if r.Verdict.Action == a.action {
					right[a.name]++
				} else {
					t.Logf("seed %d: %s: %s: %s", p.Truth.Seed, a.name, r.Verdict.Action, r.Verdict.Reason)
				}
			}
		}()
	}
	// No effect is called one in twenty times, and the guardrail of reward, which has none either, is called
	// worse half as often; lost exposures are never missed here.
	fewest, _ := bounds(n, 1)
	for name, least := range map[string]int{"reward": fewest, "landing": fewest, "banner": n} {
		if right[name] < least {
			t.Errorf("%s gets its verdict in %d of %d demos, want %d at least", name, right[name], n, least)
		}
	}
	return right
}

// verdictText is the paragraph about them.
func verdictText(n int, right map[string]int) string {
	return fmt.Sprintf(`**Are the verdicts those that the truth asks for?** In %d demos of the usual size: the experiment reward, which pays for itself,
is shipped in %d (its guardrail, which it leaves alone, looks worse by chance one time in forty); landing, which has no effect,
is held in %d (at 95 %% one in twenty is called by chance); banner, which lost exposures, is invalid in %d.
`, n, right["reward"], right["landing"], right["banner"])
}
