package partners

import (
	"fmt"

	"vouch/referral"
)

// Actions a row can ask for.
const (
	Grow  = "grow"
	Fix   = "fix"
	Watch = "watch"
	End   = "end"
	Left  = "left" // the partner has left: nothing is there to decide
)

// Thresholds of the rules. They are judgements, stated so that they can be argued with.
const (
	// minCustomers is the least number of customers on which a partner is judged: with fewer, Garwood's
	// interval for the count alone spans more than a factor of four.
	minCustomers = 10 * referral.MicroScale
	// endBelow is the return on investment under which a partner loses more than half of what it
	// costs, at the favourable end of the interval.
	endBelow = -0.5
	// minMonths is the age in whole months that some customers must have lived through before a loss
	// is held against a partner: earlier, the money has not had time to come back.
	minMonths = 2
)

// evidence is what the rules look at besides the row.
type evidence struct {
	months       int      // whole months of age that are observed
	programmeLTV *float64 // contribution per customer over the whole programme, upper limit
	contribution float64  // minor units, with its lower and upper limit
	lo, hi       float64
	currency     string
}

// act says what to do about a partner and why, by the rules of docs/statistics.md. A verdict
// against a partner needs an interval that excludes the other reading; everything in between is
// watched.
func act(r Row, e evidence) (action, reason string) {
	say := func(action, format string, args ...any) (string, string) {
		return action, fmt.Sprintf(format, args...)
	}
	amount := func(minor float64) string {
		return referral.Money{Minor: round(minor), Currency: e.currency}.String()
	}
	customers := people(r.Acquisitions)
	cost := referral.Money{Minor: r.CostMinor, Currency: e.currency}
	switch {
	case r.LeftAt != "":
		return say(Left, "left on %s", r.LeftAt)
	case r.CostMinor < 0:
		return say(Watch, "credit notes exceed costs by %s, so nothing can be said per unit of cost", amount(-float64(r.CostMinor)))
	case r.CostMinor == 0 && r.Acquisitions == 0:
		return say(Watch, "no cost and no customer yet")
	case r.CostMinor == 0 && r.Acquisitions < minCustomers:
		return say(Watch, "%s without a recorded cost: too few to judge", customers)
	case r.CostMinor == 0 && e.lo > 0:
		return say(Grow, "%s brought a contribution of %s without a recorded cost", customers, amount(e.contribution))
	case r.CostMinor == 0:
		return say(Watch, "%s without a recorded cost, and their contribution of %s may be none", customers, amount(e.contribution))
	case r.Acquisitions == 0 && r.CPA.Lo != nil && e.programmeLTV != nil && *r.CPA.Lo > *e.programmeLTV:
		return say(End, "%s spent without a customer: one costs at least %s here, and the programme's have brought at most %s each so far", cost, amount(*r.CPA.Lo), amount(*e.programmeLTV))
	case r.Acquisitions == 0:
		return say(Watch, "%s spent without a customer, which may still be chance", cost)
	case r.Acquisitions < minCustomers:
		return say(Watch, "%s: too few to judge, ten are needed", customers)
	case r.ROI.Lo != nil && *r.ROI.Lo > 0:
		return say(Grow, "contribution of %s against a cost of %s, at least %s at the stated confidence", amount(e.contribution), cost, amount(e.lo))
	case r.ROI.Hi == nil || *r.ROI.Hi >= 0:
		return say(Watch, "contribution of %s against a cost of %s: it may have paid for itself or not", amount(e.contribution), cost)
	case e.months < minMonths:
		return say(Watch, "contribution of %s against a cost of %s, but no customers have been with us for %d whole months", amount(e.contribution), cost, minMonths)
	case *r.ROI.Hi < endBelow:
		return say(End, "contribution of %s against a cost of %s, at most %s: more than half of the cost is lost", amount(e.contribution), cost, amount(e.hi))
	}
	return say(Fix, "contribution of %s against a cost of %s, at most %s: it does not pay for itself", amount(e.contribution), cost, amount(e.hi))
}

// people writes a number of customers.
func people(n Micro) string {
	if n == referral.MicroScale {
		return "1 customer"
	}
	return referral.Micros(int64(n)).String() + " customers"
}
