package calc

import (
	"math"

	"vouch/internal/stats"
)

type tailValue struct {
	P   *float64 `json:"p"`
	LnP *float64 `json:"ln_p,omitempty"`
}

type tailQuestion struct {
	X    float64 `json:"x"`
	Tail string  `json:"tail" calc:"optional"`
}

// tail picks the tail asked for from the upper tail of a symmetric distribution.
func (q tailQuestion) tail(upper func(x float64) float64) (float64, error) {
	switch q.Tail {
	case "", "upper":
		return upper(q.X), nil
	case "lower":
		return upper(-q.X), nil
	case "two_sided":
		return math.Min(1, 2*upper(math.Abs(q.X))), nil
	}
	return 0, Invalid("tail %q is not upper, lower or two_sided", q.Tail)
}

// positive refuses parameters that must be positive.
func positive(name string, v float64) error {
	if !(v > 0) {
		return Invalid("%s is %g, not positive", name, v)
	}
	return nil
}

// numericMethods are the distribution functions, to the tails.
func numericMethods() []Method {
	type student struct {
		tailQuestion
		DF float64 `json:"df"`
	}
	type studentQuantile struct {
		P  float64 `json:"p"`
		DF float64 `json:"df"`
	}
	type beta struct {
		A float64 `json:"a"`
		B float64 `json:"b"`
		X float64 `json:"x"`
	}
	type f struct {
		DF1 float64 `json:"df1"`
		DF2 float64 `json:"df2"`
		X   float64 `json:"x"`
	}
	type chi struct {
		X  float64 `json:"x"`
		DF float64 `json:"df"`
	}
	type noncentral struct {
		X             float64 `json:"x"`
		DF            float64 `json:"df"`
		Noncentrality float64 `json:"noncentrality"`
	}
	return []Method{
		method("numeric.normal.tail", "Tail probability of the normal distribution and its logarithm.", []string{"p", "ln_p"}, func(q tailQuestion) (any, error) {
			p, err := q.tail(stats.UpperTail)
			if err != nil {
				return nil, err
			}
			ln, err := q.tail(stats.LogUpperTail)
			if q.Tail == "two_sided" {
				ln = math.Min(0, math.Ln2+stats.LogUpperTail(math.Abs(q.X)))
			}
			return tailValue{P: &p, LnP: &ln}, err
		}),
		method("numeric.student_t.tail", "Tail probability of Student's distribution.", []string{"p"}, func(q student) (any, error) {
			if err := positive("df", q.DF); err != nil {
				return nil, err
			}
			p, err := q.tail(func(x float64) float64 { return stats.StudentUpperTail(x, q.DF) })
			return tailValue{P: &p}, err
		}),
		method("numeric.student_t.quantile", "Quantile of Student's distribution.", []string{"q"}, func(q studentQuantile) (any, error) {
			if err := positive("df", q.DF); err != nil {
				return nil, err
			}
			if !(q.P > 0 && q.P < 1) {
				return nil, Invalid("p %g is not between 0 and 1", q.P)
			}
			return struct {
				Q *float64 `json:"q"`
			}{known(stats.StudentQuantile(q.P, q.DF))}, nil
		}),
		method("numeric.beta.cdf", "Distribution function of the beta distribution.", []string{"p"}, func(q beta) (any, error) {
			if !(q.A > 0 && q.B > 0 && q.X >= 0 && q.X <= 1) {
				return nil, Invalid("a and b must be positive and x between 0 and 1")
			}
			p, _ := stats.BetaCDF(q.X, q.A, q.B)
			return tailValue{P: &p}, nil
		}),
		method("numeric.f.survival", "Upper tail of the F distribution.", []string{"p"}, func(q f) (any, error) {
			if !(q.DF1 > 0 && q.DF2 > 0 && q.X >= 0) {
				return nil, Invalid("df1 and df2 must be positive and x not negative")
			}
			p := stats.FTail(q.X, q.DF1, q.DF2)
			return tailValue{P: &p}, nil
		}),
		method("numeric.chi_square.survival", "Upper tail of the chi-square distribution.", []string{"p"}, func(q chi) (any, error) {
			if !(q.DF > 0 && q.X >= 0) {
				return nil, Invalid("df must be positive and x not negative")
			}
			p := stats.ChiSquareTail(q.X, q.DF)
			return tailValue{P: &p}, nil
		}),
		method("numeric.noncentral_t.cdf", "Distribution function of the noncentral t distribution.", []string{"p"}, func(q noncentral) (any, error) {
			if err := positive("df", q.DF); err != nil {
				return nil, err
			}
			p, _ := stats.NoncentralTTails(q.X, q.DF, q.Noncentrality)
			return tailValue{P: &p}, nil
		}),
	}
}
