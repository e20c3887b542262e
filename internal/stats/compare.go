package stats

import (
	"math"

	"vouch/referral"
)

// Alternative is the direction a test looks in; the contrast is treatment minus control.
type Alternative string

// The alternatives. The empty text is TwoSided.
const (
	TwoSided Alternative = "two_sided"
	Greater  Alternative = "greater" // the treatment is larger
	Less     Alternative = "less"
)

// Comparison is a treatment against a control: the difference with its t test and interval. Fields
// that cannot be known are nil, and Reason says why. A limit that a one-sided interval does not have
// is nil without a reason.
type Comparison struct {
	Control   *float64 `json:"control"`
	Treatment *float64 `json:"treatment"`
	Estimate  *float64 `json:"estimate"`
	SE        *float64 `json:"se"`
	DF        *float64 `json:"df"`
	Statistic *float64 `json:"statistic"`
	PValue    *float64 `json:"p_value"`
	Lower     *float64 `json:"lower"`
	Upper     *float64 `json:"upper"`
	Reason    string   `json:"reason,omitempty"`
}

// checkAlternative refuses unknown directions and turns the empty one into TwoSided.
func checkAlternative(alt Alternative) (Alternative, error) {
	switch alt {
	case "", TwoSided:
		return TwoSided, nil
	case Greater, Less:
		return alt, nil
	}
	return "", invalid("alternative %q is not two_sided, greater or less", alt)
}

// check refuses moments that no values have.
func (m Moments) check() error {
	if m.N < 0 || math.IsNaN(m.Mean) || math.IsInf(m.Mean, 0) || !(m.Variance >= 0) || math.IsInf(m.Variance, 0) {
		return invalid("n %d, mean %g, variance %g", m.N, m.Mean, m.Variance)
	}
	return nil
}

// checkArms refuses impossible arms and options of a comparison.
func checkArms(c, t Moments, level float64, alt Alternative) (Alternative, error) {
	for _, m := range []Moments{c, t} {
		if err := m.check(); err != nil {
			return "", err
		}
	}
	if err := checkLevel(level); err != nil {
		return "", err
	}
	return checkAlternative(alt)
}

// Welch compares two means without assuming equal variances.
//
//	d = T − C,  se² = A + B,  A = v_C/n_C,  B = v_T/n_T
//	df = (A+B)² / (A²/(n_C−1) + B²/(n_T−1)); a term without variance drops out
//
// Assumes independent units (the randomised ones: clustered outcomes are summed per unit first) and
// enough of them for the mean to be near normal.
// Edges: fewer than 2 units in an arm gives the means only (insufficient_data); no variance in both
// arms gives se 0 and no test (zero_variance).
// Source: Welch (1947), Biometrika 34, 28–35.
// Checked against: scipy 1.17.1, stats.ttest_ind(equal_var=False), in compare_test.go.
func Welch(c, t Moments, level float64, alt Alternative) (Comparison, error) {
	return welch(c, t, level, alt, welchDF)
}

// WelchNormal is Welch's comparison with the normal distribution in place of Student's: for callers whose
// peers do so. DF is nil.
// Source: the definition.
// Checked against: the case cuped-tt-ratio-less-norm of internal/calc/testdata/cases/experiments.jsonl.
func WelchNormal(c, t Moments, level float64, alt Alternative) (Comparison, error) {
	return welch(c, t, level, alt, func(_, _, _, _ float64) float64 { return math.Inf(1) })
}

func welch(c, t Moments, level float64, alt Alternative, degrees func(a, b, dfa, dfb float64) float64) (Comparison, error) {
	alt, err := checkArms(c, t, level, alt)
	if err != nil {
		return Comparison{}, err
	}
	out := means(c, t)
	if c.N < 2 || t.N < 2 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	a, b := c.Variance/float64(c.N), t.Variance/float64(t.N)
	out.finish(math.Sqrt(a+b), degrees(a, b, float64(c.N-1), float64(t.N-1)), level, alt)
	return out, nil
}

// Pooled compares two means under equal variances: Student's test with n_C + n_T − 2 degrees of
// freedom. Edges as Welch.
// Source: Student (1908), Biometrika 6, 1–25.
// Checked against: scipy 1.17.1, stats.ttest_ind, in compare_test.go.
func Pooled(c, t Moments, level float64, alt Alternative) (Comparison, error) {
	alt, err := checkArms(c, t, level, alt)
	if err != nil {
		return Comparison{}, err
	}
	out := means(c, t)
	if c.N < 1 || t.N < 1 || c.N+t.N < 3 || c.N < 2 || t.N < 2 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	nc, nt := float64(c.N), float64(t.N)
	v := ((nc-1)*c.Variance + (nt-1)*t.Variance) / (nc + nt - 2)
	out.finish(math.Sqrt(v*(1/nc+1/nt)), nc+nt-2, level, alt)
	return out, nil
}

// means starts a comparison with what is known of any two arms that have units.
func means(c, t Moments) Comparison {
	var out Comparison
	if c.N > 0 {
		out.Control = num(c.Mean)
	}
	if t.N > 0 {
		out.Treatment = num(t.Mean)
	}
	if c.N > 0 && t.N > 0 {
		out.Estimate = num(t.Mean - c.Mean)
	}
	return out
}

// welchDF is the Satterthwaite approximation for variances a and b of the two means. The larger one
// is divided out first, so that money in minor units squared cannot overflow.
func welchDF(a, b, dfa, dfb float64) float64 {
	m := math.Max(a, b)
	if m == 0 {
		return math.NaN()
	}
	a, b = a/m, b/m
	den := 0.0
	if a > 0 {
		den += a * a / dfa
	}
	if b > 0 {
		den += b * b / dfb
	}
	return (a + b) * (a + b) / den
}

// finish adds the t test and interval of an estimate with the given standard error.
func (out *Comparison) finish(se, df, level float64, alt Alternative) {
	out.SE = num(se)
	switch {
	case out.Estimate == nil || out.SE == nil:
		out.Reason = ReasonOutOfRange
		return
	case se == 0:
		out.Reason = referral.ReasonZeroVariance
		return
	}
	est := *out.Estimate
	out.DF = num(df)
	stat := est / se
	out.Statistic = num(stat)
	out.PValue = num(studentP(stat, df, alt))
	out.Lower, out.Upper = studentLimits(est, se, df, level, alt)
}

// studentP is the p-value of a t statistic, from the tail itself.
func studentP(stat, df float64, alt Alternative) float64 {
	switch alt {
	case Greater:
		return StudentUpperTail(stat, df)
	case Less:
		return StudentUpperTail(-stat, df)
	case TwoSided:
	}
	return math.Min(1, 2*StudentUpperTail(math.Abs(stat), df))
}

// studentLimits is the interval of an estimate; infinite df is the normal distribution.
func studentLimits(est, se, df, level float64, alt Alternative) (lower, upper *float64) {
	switch alt {
	case Greater:
		return num(est + StudentQuantile(1-level, df)*se), nil
	case Less:
		return nil, num(est - StudentQuantile(1-level, df)*se)
	case TwoSided:
	}
	h := criticalT(level, df) * se
	return num(est - h), num(est + h)
}
