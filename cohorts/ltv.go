package cohorts

import (
	"encoding/json"
	"math"
	"math/big"

	"vouch/internal/stats"
	"vouch/referral"
)

// pool is what the complete cells of one age add up to.
type pool struct {
	customers, retained int64
	value, squares      *big.Int
}

// pools are by key, then age. The key "" holds everyone.
type pools map[string][]*pool

func (ps pools) add(key string, b built) {
	keys := []string{""}
	if key != "" {
		keys = append(keys, key)
	}
	for i, c := range b.cohort.Cells {
		if !c.Complete {
			continue
		}
		for _, k := range keys {
			for len(ps[k]) <= i {
				ps[k] = append(ps[k], &pool{value: new(big.Int), squares: new(big.Int)})
			}
			p := ps[k][i]
			p.customers += b.cohort.Size
			p.retained += c.Retained
			p.value.Add(p.value, b.values[i])
			p.squares.Add(p.squares, b.squares[i])
		}
	}
}

// estimates lists the pooled ages, everyone first, then by key.
func (ps pools) estimates(def Definition, keys []string, scope referral.Scope) ([]LTV, error) {
	out := []LTV{}
	if def.Group != "" {
		keys = append([]string{""}, keys...)
	}
	for _, key := range keys {
		for age, p := range ps[key] {
			value, err := ContributionPerCustomer(p.customers, p.value, p.squares, scope.MarginMicros, scope.Confidence)
			if err != nil {
				return nil, err
			}
			retention, err := share(p.retained, p.customers, scope.Confidence)
			if err != nil {
				return nil, err
			}
			out = append(out, LTV{Key: key, Age: age, Customers: p.customers, Value: value, Retention: retention})
		}
	}
	return out, nil
}

// ContributionPerCustomer returns the mean contribution per customer from exact sums over customers
// of their net revenue x in minor units.
//
//	mean = margin · Σx / n,   mean ± t · margin · s/√n,   s² = (nΣx² − (Σx)²) / (n(n−1))
//
// with t the (1+level)/2 quantile of Student's t on n−1 degrees of freedom. Assumes customers who
// spend independently; the mean of a skewed spend needs some dozens of customers before the stated
// level is reached, so small cohorts err on the narrow side. Units: minor units per customer;
// margin in millionths. Edges: no customer gives reason insufficient_data; one customer, or equal
// values in all, give the mean without limits and the reason insufficient_data or zero_variance.
// Checked against: a two-pass computation over customers, in cohorts_test.go.
func ContributionPerCustomer(n int64, sum, squares *big.Int, marginMicros int64, level float64) (referral.Estimate, error) {
	const method = referral.MethodStudent
	if n == 0 {
		return referral.Undefined(referral.ReasonNoData, method, level), nil
	}
	m, err := stats.MomentsOfSums(n, sum, squares)
	if err != nil {
		return referral.Estimate{}, err
	}
	margin := float64(marginMicros) / referral.MicroScale
	e := referral.Estimate{
		Confidence: level, Method: method, Denominator: referral.Whole(n),
		Numerator: microText(new(big.Int).Mul(sum, big.NewInt(marginMicros))),
	}
	mean := m.Mean * margin
	e.Value = referral.Float(mean)
	switch {
	case n < 2:
		e.Reason = referral.ReasonNoData
	case m.Variance == 0:
		e.Reason = referral.ReasonZeroVariance
	default:
		half := -stats.StudentQuantile((1-level)/2, float64(n-1)) * margin * math.Sqrt(m.Variance/float64(n))
		e.Lo, e.Hi = referral.Float(mean-half), referral.Float(mean+half)
	}
	return e, nil
}

// share is a rate of persons with its Wilson interval.
func share(hits, n int64, level float64) (referral.Estimate, error) {
	const method = referral.MethodWilson
	if n == 0 {
		return referral.Undefined(referral.ReasonNoData, method, level), nil
	}
	lo, hi, err := stats.WilsonInterval(hits, n, level)
	if err != nil {
		return referral.Estimate{}, err
	}
	return referral.Estimate{
		Value: referral.Float(float64(hits) / float64(n)), Lo: referral.Float(lo), Hi: referral.Float(hi),
		Confidence: level, Method: method, Numerator: referral.Whole(hits), Denominator: referral.Whole(n),
	}, nil
}

// microText writes millionths beyond 64 bits as an exact decimal JSON number.
func microText(n *big.Int) *json.Number {
	if n.IsInt64() {
		return referral.Micros(n.Int64())
	}
	v := json.Number(new(big.Rat).SetFrac(n, big.NewInt(referral.MicroScale)).FloatString(6))
	return &v
}
