package stats

import (
	"math"
	"math/big"
)

// Moments are the sufficient statistics of a mean: count, mean and variance with divisor N−1. The
// variance is 0 when N < 2; a caller that needs one checks N.
type Moments struct {
	N        int64   `json:"n"`
	Mean     float64 `json:"mean"`
	Variance float64 `json:"variance"`
}

// MomentsOfSums finishes exact integer sums Σx and Σx² into moments.
//
//	mean = Σx/n,   variance = (n Σx² − (Σx)²) / (n(n−1))
//
// The differences are taken in integers, so nothing cancels: values around 1e9 keep their variance,
// which the same formula in floating point turns into 0. N = 0 gives zero moments.
// Σx² below (Σx)²/n, which no values can have, is ErrInput, as is a negative n.
// Source: the definition in exact integers.
// Checked against: direct two-pass computation on random values, in moments_test.go.
func MomentsOfSums(n int64, sum, sumSquares *big.Int) (Moments, error) {
	if n < 0 {
		return Moments{}, invalid("%d values", n)
	}
	if n == 0 {
		return Moments{}, nil
	}
	count := big.NewInt(n)
	m := Moments{N: n}
	m.Mean, _ = new(big.Rat).SetFrac(sum, count).Float64()
	centred := new(big.Int).Mul(count, sumSquares)
	centred.Sub(centred, new(big.Int).Mul(sum, sum))
	if centred.Sign() < 0 {
		return Moments{}, invalid("sum of squares %s is too small for sum %s of %d values", sumSquares, sum, n)
	}
	if n > 1 {
		d := new(big.Int).Mul(count, big.NewInt(n-1))
		m.Variance, _ = new(big.Rat).SetFrac(centred, d).Float64()
	}
	return m, nil
}

// Share returns the moments of a share: mean p and variance p(1−p), without the N−1, as shares are
// given to methods for means.
// Source: the definition.
// Checked against: hand-worked shares, in moments_test.go.
func Share(successes, trials int64) Moments {
	if trials == 0 {
		return Moments{}
	}
	p := float64(successes) / float64(trials)
	return Moments{N: trials, Mean: p, Variance: p * (1 - p)}
}

// MomentsOf returns the moments of values by two passes with a correction for the rounding of the
// mean, correct for values near 1e9 and 2^52.
// Source: Chan, Golub, LeVeque (1983), The American Statistician 37, 242–247, equation 1.7.
// Checked against: exact integer sums of the same values, in moments_test.go.
func MomentsOf(values []float64) Moments {
	m := Moments{N: int64(len(values))}
	if m.N == 0 {
		return m
	}
	n := float64(m.N)
	first := Sum(values) / n
	d := make([]float64, len(values))
	sq := make([]float64, len(values))
	for i, v := range values {
		d[i] = v - first
		sq[i] = d[i] * d[i]
	}
	rest := Sum(d)
	m.Mean = first + rest/n
	if m.N > 1 {
		m.Variance = math.Max(0, (Sum(sq)-rest*rest/n)/(n-1))
	}
	return m
}

// Sum adds with Neumaier's compensation: the error does not grow with the number of terms.
// Source: Neumaier (1974), Zeitschrift für Angewandte Mathematik und Mechanik 54, 39–51.
func Sum(values []float64) float64 {
	s, c := 0.0, 0.0
	for _, v := range values {
		t := s + v
		if math.Abs(s) >= math.Abs(v) {
			c += s - t + v
		} else {
			c += v - t + s
		}
		s = t
	}
	return s + c
}

// MergeMoments returns the moments of the union of disjoint parts, as if their values were pooled.
// Empty parts are ignored; a part of one value has variance 0.
//
// The centred sums of the parts are added around the common mean, which is exact where merging sums
// of squares would cancel.
// Source: Chan, Golub, LeVeque (1983).
// Checked against: the moments of the whole, whatever the split, in moments_test.go.
func MergeMoments(parts ...Moments) Moments {
	var out Moments
	var base float64
	var shifts []float64
	for _, p := range parts {
		if p.N == 0 {
			continue
		}
		if out.N == 0 {
			base = p.Mean
		}
		out.N += p.N
		shifts = append(shifts, float64(p.N)*(p.Mean-base))
	}
	if out.N == 0 {
		return out
	}
	n := float64(out.N)
	out.Mean = base + Sum(shifts)/n
	var centred []float64
	for _, p := range parts {
		if p.N == 0 {
			continue
		}
		d := p.Mean - out.Mean
		centred = append(centred, float64(p.N-1)*p.Variance, float64(p.N)*d*d)
	}
	if out.N > 1 {
		out.Variance = Sum(centred) / (n - 1)
	}
	return out
}
