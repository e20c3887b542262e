package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vouch/referral"
)

// checker gathers the mistakes of a definition.
type checker struct{ problems referral.Problems }

func (c *checker) add(path, hint, format string, args ...any) {
	c.problems = append(c.problems, referral.Problem{Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// oneOf asks for one of the allowed words, or none.
func (c *checker) oneOf(path, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.add(path, didYouMean(value, allowed), "%q is not one of %s", value, strings.Join(allowed, ", "))
	}
}

func (c *checker) unit(path, value string) {
	if name, ok := strings.CutPrefix(value, attributePrefix); !ok || name == "" {
		if value != "" && !slices.Contains(allUnits, value) {
			c.add(path, didYouMean(value, allUnits), "%q is not one of %s, attribute.NAME", value, strings.Join(allUnits, ", "))
		}
	}
}

// seconds asks for a whole number of seconds.
func (c *checker) seconds(path, what string, d referral.Duration) {
	if d < 0 || d%referral.Second != 0 {
		c.add(path, "", "the %s is not a whole number of seconds", what)
	}
}

// share asks for a number strictly between 0 and 1, or none.
func (c *checker) share(path, hint string, x float64) {
	if x != 0 && !(x > 0 && x < 1) {
		c.add(path, hint, "%g is not between 0 and 1", x)
	}
}

// positive asks for a finite number above 0, or none.
func (c *checker) positive(path string, x float64) {
	if x != 0 && !(x > 0 && !math.IsInf(x, 1)) {
		c.add(path, "", "%g is not above 0", x)
	}
}

// maxMoney is the largest reward or cost in minor units: beyond it the sums of a million units leave 64 bits.
const maxMoney = 1 << 43

// money asks for an amount whose sums can be held.
func (c *checker) money(path string, minor int64) {
	if minor > maxMoney {
		c.add(path, "amounts are in minor units of the project's currency", "%d is more than %d", minor, int64(maxMoney))
	}
}

// maxMargin is the largest loss that a guardrail may tolerate, in its unit or as a multiple of the control.
const maxMargin = 1e15

// margin asks for a loss above 0 that numbers can be moved by, or none.
func (c *checker) margin(path string, x float64) {
	if c.positive(path, x); x > maxMargin {
		c.add(path, "", "%g is more than %g: no loss would be found", x, maxMargin)
	}
}

func didYouMean(word string, candidates []string) string {
	if s := referral.Suggest(word, candidates); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}
