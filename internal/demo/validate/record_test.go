package validate

import (
	"context"
	"fmt"

	"vouch/experiments"
)

// tampered reads out the sample-ratio test of the experiment that has a mismatch.
func (p *Project) tampered(ctx context.Context) (experiments.SRM, error) {
	r, err := experiments.Compute(ctx, p.DB, p.Cfg.Experiments["banner"], p.Scope)
	return r.SRM, err
}

// document writes docs/validation.md.
func document(seeds, persons, compared int, cs []Coverage, right map[string]int) string {
	return fmt.Sprintf(`# Validation against known truth

Written by `+"`make validate`"+`. The demo's generator knows what its data were drawn from, and keeps its own books of what it
drew (see "truth.json" in json-output.md). For each of %d seeds a demo of %d persons and 24 partners is written, loaded
and analysed like any project; then three questions are asked.

**Are counts and sums equal?** %d of them were compared with the generator's books: rows by source and event, duplicates,
excluded rows and flagged persons, funnels by an exhaustive search over chains, money by currency and converted, costs,
customers, revenue and cost of every partner, credits of clicks, units of experiments. All are equal.

**Do intervals hold the truth as often as they say?** All are at 95 %%. The tolerated range leaves out what a right family
would show with a chance below 1 in 10,000 on either side; intervals that share their data, such as the steps of one
funnel, count as one. The truth of an experiment is the effect on the very units that took part; its intervals also allow
for units that did not, and may hold it more often.

%s
In every seed the sample-ratio mismatch of the experiment banner was found (p < 0.001).

%s
## Methods of experiments

Every test and interval that a read-out can use is held to what it promises: by adding up probabilities where outcomes can be enumerated, else over
seeded draws. Tolerated is the promised rate, three standard errors of the draws beside, and where a method is known to be approximate at these
sizes by how much. *At least* and *at most* promise one side only. Rows of what is not used show what goes wrong with it.
`, seeds, persons, compared, Table(cs), verdictText(seeds, right))
}
