package partners

import (
	"encoding/json"
	"math"
	"math/big"

	"vouch/internal/stats"
	"vouch/referral"
)

// CPA is CostPerAcquisition as an estimate, from minor units and millionths of an acquisition, so that
// shared credit stays exact. A negative cost (more credit notes than costs) has no meaning per
// acquisition: negative_cost.
func CPA(costMinor, acquisitionsMicro int64, level float64) (referral.Estimate, error) {
	e := referral.Estimate{Confidence: level, Method: referral.MethodGarwood, Numerator: referral.Whole(costMinor), Denominator: referral.Micros(acquisitionsMicro)}
	if costMinor < 0 {
		e.Reason = reasonNegativeCost
		return e, nil
	}
	c, err := CostPerAcquisition(float64(costMinor), float64(acquisitionsMicro)/referral.MicroScale, level)
	e.Value, e.Lo, e.Hi, e.Reason = c.CPA, c.Lower, c.Upper, c.Reason
	return e, err
}

const (
	reasonNegativeCost = "negative_cost"
	reasonNoCosts      = "no_costs_loaded"
	reasonUnassigned   = "unassigned" // the row of no partner: its costs did not buy its customers
)

// money is a sum over customers with what its interval needs.
type money struct {
	sum, squares     *big.Int // Σx and Σx² over customers, minor units
	marginMicros     int64
	customersMicro   int64
	conversionMicros int64 // conversions that arrived as counts; their single values are unknown
	aggregated       *big.Int
}

// contribution returns margin · (Σx + aggregated revenue) with an interval, in minor units.
//
// Customers come as a Poisson process and bring independent values, so the variance of their total
// is estimated by Σx² (compound Poisson). Of counted conversions only the total is known: they are
// taken to be worth the same each, and their total varies with their count by Garwood's limits. The
// two half-widths are squared and added. Without customers and conversions there is nothing to vary.
func (m money) contribution(level float64) (value, lo, hi float64, err error) {
	margin := float64(m.marginMicros) / referral.MicroScale
	sum, squares, counted := float(m.sum), float(m.squares), float(m.aggregated)
	half := -stats.NormalQuantile((1-level)/2) * math.Sqrt(squares)
	down, up := half, half
	if m.conversionMicros > 0 {
		l, u, err := stats.GarwoodInterval(m.conversionMicros, level)
		if err != nil {
			return 0, 0, 0, err
		}
		n := float64(m.conversionMicros) / referral.MicroScale
		down, up = math.Hypot(half, counted*(1-l/n)), math.Hypot(half, counted*(u/n-1))
	}
	value = margin * (sum + counted)
	return value, value - margin*down, value + margin*up, nil
}

// empty says that no customer and no conversion is behind the sum.
func (m money) empty() bool {
	return m.customersMicro == 0 && m.conversionMicros == 0 && m.sum.Sign() == 0
}

// numerator is the exact contribution in minor units as decimal text.
func (m money) numerator() *json.Number {
	n := new(big.Int).Add(m.sum, m.aggregated)
	n.Mul(n, big.NewInt(m.marginMicros))
	if n.IsInt64() {
		return referral.Micros(n.Int64())
	}
	v := json.Number(new(big.Rat).SetFrac(n, big.NewInt(referral.MicroScale)).FloatString(6))
	return &v
}

// perCost returns contribution ÷ cost + offset: the return on investment with −1, LTV to CAC with 0
// (both are totals over the same customers, so the ratio of the means is the ratio of the totals).
func (m money) perCost(costMinor int64, offset, level float64) (referral.Estimate, error) {
	e := referral.Estimate{Confidence: level, Method: referral.MethodCompoundPoisson, Numerator: m.numerator(), Denominator: referral.Whole(costMinor)}
	switch {
	case costMinor == 0:
		e.Reason = referral.ReasonNoCost
		return e, nil
	case costMinor < 0:
		e.Reason = reasonNegativeCost
		return e, nil
	}
	value, lo, hi, err := m.contribution(level)
	if err != nil {
		return e, err
	}
	cost := float64(costMinor)
	if m.empty() {
		// Nothing came back yet: that is certain, and what could have come is not.
		e.Value, e.Lo, e.Reason = referral.Float(offset), referral.Float(offset), referral.ReasonNoAcquisitions
		return e, nil
	}
	e.Value, e.Lo, e.Hi = referral.Float(value/cost+offset), referral.Float(lo/cost+offset), referral.Float(hi/cost+offset)
	return e, nil
}

func float(n *big.Int) float64 {
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}
