package validate

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Coverage counts the intervals of one family over seeds.
type Coverage struct {
	Family  string
	N, Held int
	// Fewest and Most bound what is tolerated: the counts that a family of independent intervals at
	// the level leaves with probability of less than Tolerance on either side.
	Fewest, Most int
}

// Level is that of the product's intervals.
const Level = 0.95

// Tolerance is the chance, per family and side, that a right family falls outside its bounds. With a
// dozen families it makes a false alarm of the whole check rarer than one in four hundred.
const Tolerance = 1e-4

// dependence is how many intervals of a family count as one: those of one seed that share their data,
// such as the steps of one funnel or the ages of one cohort table. One where it is not named.
var dependence = map[string]int{
	FamilySteps: 3, FamilyPartner: 3, FamilyLTV: 4, FamilyRetention: 4, FamilyLTVPartner: 2, FamilyEffect: 3, FamilyLift: 3, FamilyNull: 2,
}

// OK reports whether the share of intervals that hold the truth agrees with their level. Too many is
// allowed for families that are conservative by design; see docs/validation.md.
func (c Coverage) OK() bool {
	return c.Held >= c.Fewest && (c.Held <= c.Most || conservative[c.Family])
}

// conservative families hold the truth more often than their level says. The truth of an experiment
// is the effect on the very units that were in it; the interval also allows for units that were not.
var conservative = map[string]bool{FamilyEffect: true, FamilyLift: true}

// Cover counts the families in the order in which they first occur.
func Cover(is []Interval) []Coverage {
	var out []Coverage
	for _, i := range is {
		k := slices.IndexFunc(out, func(c Coverage) bool { return c.Family == i.Family })
		if k < 0 {
			k = len(out)
			out = append(out, Coverage{Family: i.Family})
		}
		out[k].N++
		if i.Covers() {
			out[k].Held++
		}
	}
	for k := range out {
		out[k].Fewest, out[k].Most = bounds(out[k].N, max(1, dependence[out[k].Family]))
	}
	return out
}

// bounds returns the tolerated counts for n intervals of which so many count as one: those of
// independent ones, stretched to n.
func bounds(n, dependent int) (fewest, most int) {
	m := max(1, n/dependent)
	lo, hi := 0, m
	for below := 0.0; lo < m; lo++ {
		if below += binomial(m, lo, Level); below >= Tolerance {
			break
		}
	}
	for above := 0.0; hi > lo; hi-- {
		if above += binomial(m, hi, Level); above >= Tolerance {
			break
		}
	}
	return int(math.Floor(float64(lo) / float64(m) * float64(n))), int(math.Ceil(float64(hi) / float64(m) * float64(n)))
}

// binomial is the probability of k successes of n.
func binomial(n, k int, p float64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

// Table writes the coverage as a Markdown table.
func Table(cs []Coverage) string {
	var b strings.Builder
	b.WriteString("| estimates | intervals | hold the truth | share | tolerated |\n|---|---:|---:|---:|---|\n")
	for _, c := range cs {
		most := fmt.Sprint(c.Most)
		if conservative[c.Family] {
			most = fmt.Sprint(c.N)
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f %% | %d to %s |\n", c.Family, c.N, c.Held, 100*float64(c.Held)/float64(c.N), c.Fewest, most)
	}
	return b.String()
}
