package validate

import (
	"flag"
	"strings"
	"testing"
)

var draws = flag.Int("validate.draws", 0, "draws of each claim about a method; 0: 100 in a test, 10,000 when the result is written")

// proof is a section of the record: a question, and the claims that answer it.
type proof struct {
	question, text string
	claims         func(large bool) ([]claim, error)
}

// plain turns claims that cannot fail to be stated into those of a proof.
func plain(lists ...func() []claim) func(bool) ([]claim, error) {
	return func(bool) ([]claim, error) {
		var out []claim
		for _, l := range lists {
			out = append(out, l()...)
		}
		return out, nil
	}
}

var proofs = []proof{
	{
		"Do intervals of counts cover?",
		`By adding up the probabilities of all outcomes, without simulation, over twelve shares from 0.005 to 0.995 and their pairs. Clopper–Pearson's and
Garwood's promise the level at every share, the others on average; shares so near 0 or 1 that hardly anything can happen are covered nearly
always, which lifts the averages of few trials. Exact tests reject at most at their level.`,
		func(large bool) ([]claim, error) {
			return append(append(shareClaims(large), pairClaims(large)...), exactTests(large)...), nil
		},
	},
	{
		"Do intervals of values cover?", `Over seeded draws. Skew values in few units are what the central limit theorem has no remedy for; the rows are here to show how much it costs.`,
		plain(meanClaims, otherClaims, testClaims),
	},
	{
		"Is the planned power reached?", `Experiments of the size that the planner gives, with the effect they were planned for.`,
		func(bool) ([]claim, error) { return powerClaims() },
	},
	{
		"Does looking early cost anything?",
		`Experiments without an effect, read at sixty looks, or at those that were planned. Sequences promise the level at most.`,
		func(bool) ([]claim, error) { return peekingClaims() },
	},
	{
		"Do people who come through one referrer count as one?",
		`Invitees of one referrer resemble each other. Counted as independent they make effects out of nothing; by referrer they do not. With few referrers
(unequal ones: the shape is that of the gamma distribution of their means) the delta method still rejects too often, the jackknife less so, the permutation of referrers at its level: below 100 units an arm the read-out
takes the permutation's p-value.`,
		plain(clusterClaims),
	},
}

// TestProofs holds the methods to what they promise. With -validate.write the record is written by TestValidate.
func TestProofs(t *testing.T) {
	if *write {
		t.Skip("part of TestValidate when the result is written")
	}
	prove(t)
}

// prove examines all claims and returns their sections of the record.
func prove(t *testing.T) string {
	t.Helper()
	n := *draws
	if n == 0 {
		n = 100
		if *write {
			n = 10_000
		}
	}
	var text strings.Builder
	for _, p := range proofs {
		t.Run(p.question, func(t *testing.T) {
			claims, err := p.claims(*write)
			if err != nil {
				t.Fatal(err)
			}
			fs := examine(claims, n)
			check(t, fs)
			table := claimTable(fs)
			t.Logf("\n%s", table)
			text.WriteString("\n**" + p.question + "** " + p.text + "\n\n" + table)
		})
	}
	return text.String()
}
