package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

var (
	cupedControl   = [2][]float64{{3, 1, 4, 1, 5, 9, 2, 6}, {2, 1, 3, 2, 4, 8, 1, 5}}
	cupedTreatment = [2][]float64{{5, 3, 5, 8, 9, 7, 9}, {3, 2, 4, 6, 7, 5, 6}}
)

func covaried(t *testing.T, arm [2][]float64) Covaried {
	t.Helper()
	a, err := CovariedOf(arm[0], arm[1])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Reference: statsmodels 0.15.0, OLS of the values on the covariate and the arm, for θ; scipy 1.17.1,
// ttest_ind(equal_var=False) on value − θ (covariate − mean), for the rest.
func TestCompareCuped(t *testing.T) {
	got, err := CompareCuped(covaried(t, cupedControl), covaried(t, cupedTreatment), nil, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	for what, w := range map[string]struct {
		got  *float64
		want float64
	}{
		"theta": {got.Theta, 1.1606060606060602}, "control": {got.Control, 4.668080808080807}, "treatment": {got.Treatment, 5.6650505050505044},
		"t": {got.Statistic, 3.0907318095520173}, "p": {got.PValue, 0.00865461172412344}, "df": {got.DF, 12.918572493467847},
		"lower": {got.Lower, 0.29965816811177104}, "upper": {got.Upper, 1.694281225827623}, "reduction": {got.VarianceReduction, 0.938768964200309},
	} {
		checkNear(t, what, value(t, what, w.got), w.want, 1e-11)
	}
	// θ of 0 is Welch's test; a covariate that does not vary falls back to it.
	zero := 0.0
	plain, err := CompareCuped(covaried(t, cupedControl), covaried(t, cupedTreatment), &zero, 0.95, TwoSided)
	constant := func(arm [2][]float64) Covaried {
		return covaried(t, [2][]float64{arm[0], make([]float64, len(arm[0]))})
	}
	fallen, err2 := CompareCuped(constant(cupedControl), constant(cupedTreatment), nil, 0.95, TwoSided)
	want, err3 := Welch(MomentsOf(cupedControl[0]), MomentsOf(cupedTreatment[0]), 0.95, TwoSided)
	if err != nil || err2 != nil || err3 != nil {
		t.Fatal(err, err2, err3)
	}
	for _, g := range []Cuped{plain, fallen} {
		checkNear(t, "plain p", *g.PValue, *want.PValue, 1e-13)
		checkNear(t, "plain control", *g.Control, *want.Control, 1e-13)
		if *g.VarianceReduction != 0 || *g.Theta != 0 {
			t.Errorf("%v, %v", *g.VarianceReduction, *g.Theta)
		}
	}
}

// One coefficient for all arms: the control's adjusted mean is the same in every comparison.
func TestAdjustCuped_manyArms(t *testing.T) {
	c, a := covaried(t, cupedControl), covaried(t, cupedTreatment)
	b := covaried(t, [2][]float64{{1, 2, 2, 9}, {4, 4, 5, 9}})
	arms, theta, err := AdjustCuped(nil, c, a, b)
	if err != nil {
		t.Fatal(err)
	}
	// By hand, unit by unit.
	centre := (Sum(cupedControl[1]) + Sum(cupedTreatment[1]) + 22) / 19
	var adjusted []float64
	for i, y := range cupedControl[0] {
		adjusted = append(adjusted, y-theta*(cupedControl[1][i]-centre))
	}
	want := MomentsOf(adjusted)
	checkNear(t, "mean", arms[0].Mean, want.Mean, 1e-13)
	checkNear(t, "variance", arms[0].Variance, want.Variance, 1e-12)
	twice, _, err := AdjustCuped(&theta, c, a, b)
	if err != nil || twice[0] != arms[0] {
		t.Errorf("given θ: %+v, %+v, %v", twice[0], arms[0], err)
	}
}

// What the covariate explains whole leaves rounding, of which no test is made.
func TestCompareCuped_edges(t *testing.T) {
	exact := func(pre []float64, shift float64) Covaried {
		y := make([]float64, len(pre))
		for i, x := range pre {
			y[i] = 0.3*x + shift
		}
		return covaried(t, [2][]float64{y, pre})
	}
	got, err := CompareCuped(exact([]float64{0.1, 0.7, 1.3}, 5.1), exact([]float64{0.2, 0.9, 1.7}, 7.7), nil, 0.95, TwoSided)
	if err != nil || got.PValue != nil || got.Reason != referral.ReasonZeroVariance || *got.VarianceReduction != 1 {
		t.Errorf("explained: %+v, %v", got, err)
	}
	one := Covaried{Moments: Moments{1, 3, 0}, MeanPre: 2}
	if got, err := CompareCuped(one, covaried(t, cupedControl), nil, 0.95, TwoSided); err != nil || got.Reason != referral.ReasonNoData || got.Estimate == nil || got.SE != nil {
		t.Errorf("one unit: %+v, %v", got, err)
	}
	if got, err := CompareCuped(Covaried{}, Covaried{}, nil, 0.95, TwoSided); err != nil || got.Reason != referral.ReasonNoData {
		t.Errorf("no units: %+v, %v", got, err)
	}
	vast := Covaried{Moments: Moments{9, 1, 1e308}, MeanPre: 1, VarPre: 1e-320, Cov: 1e-7}
	if got, err := CompareCuped(vast, vast, nil, 0.95, TwoSided); err != nil || got.PValue != nil || got.Reason != ReasonOutOfRange {
		t.Errorf("vast: %+v, %v", got, err)
	}
	bad := covaried(t, cupedControl)
	bad.Cov = 100
	_, err = CompareCuped(bad, bad, nil, 0.95, TwoSided)
	_, err2 := CovariedOf([]float64{1, 2}, []float64{1})
	_, err3 := CompareCuped(Covaried{Moments: Moments{3, 1, 1}, VarPre: -1}, covaried(t, cupedControl), nil, 0.95, TwoSided)
	_, err4 := CompareCuped(covaried(t, cupedControl), covaried(t, cupedControl), nil, 1, TwoSided)
	for _, err := range []error{err, err2, err3, err4} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}

// ratioUnits are some units: numerator and denominator, and both before.
func ratioUnits(seed uint64, n int) [4][]float64 {
	draw := random(seed, 11)
	var u [4][]float64
	for range n {
		activity := 1 + 4*draw.Float64()
		rate := draw.Float64()
		yp, y := activity+draw.Float64(), activity+draw.Float64()
		u[3], u[1] = append(u[3], yp), append(u[1], y)
		u[2], u[0] = append(u[2], yp*rate+0.3*draw.Float64()), append(u[0], y*rate+0.3*draw.Float64())
	}
	return u
}

func covariedRatio(t *testing.T, u [4][]float64) CovariedRatio {
	t.Helper()
	a, err := CovariedRatioOf(u[0], u[1], u[2], u[3])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Each unit's values linearised, (x − R y)/mean y, and adjusted one by one give the same test.
func TestCompareCupedRatios_linearised(t *testing.T) {
	units := [2][4][]float64{ratioUnits(1, 40), ratioUnits(2, 31)}
	c, tr := covariedRatio(t, units[0]), covariedRatio(t, units[1])
	for _, theta := range []*float64{nil, num(0.4)} {
		got, err := CompareCupedRatios(c, tr, theta, false, 0.9, Greater)
		if err != nil {
			t.Fatal(err)
		}
		centre := (Sum(units[0][2]) + Sum(units[1][2])) / (Sum(units[0][3]) + Sum(units[1][3]))
		var post, pre, arms [2][]float64
		above, below := 0.0, 0.0
		for k, u := range units {
			linear := func(x, y []float64) []float64 {
				r, m := Sum(x)/Sum(y), Sum(y)/float64(len(y))
				var out []float64
				for i := range x {
					out = append(out, r+(x[i]-r*y[i])/m)
				}
				return out
			}
			post[k], pre[k] = linear(u[0], u[1]), linear(u[2], u[3])
			above += float64(len(u[0])-1) * covariance(post[k], pre[k])
			below += float64(len(u[0])-1) * MomentsOf(pre[k]).Variance
		}
		used := above / below
		if theta != nil {
			used = *theta
		}
		for k := range post {
			for i := range post[k] {
				arms[k] = append(arms[k], post[k][i]-used*(pre[k][i]-centre))
			}
		}
		want, err := Welch(MomentsOf(arms[0]), MomentsOf(arms[1]), 0.9, Greater)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "theta", *got.Theta, used, 1e-11)
		checkNear(t, "control", *got.Control, *want.Control, 1e-12)
		checkNear(t, "estimate", *got.Estimate, *want.Estimate, 1e-10)
		checkNear(t, "se", *got.SE, *want.SE, 1e-11)
		checkNear(t, "df", *got.DF, *want.DF, 1e-10)
		checkNear(t, "p", *got.PValue, *want.PValue, 1e-9)
		checkNear(t, "lift", *got.Lift, *want.Estimate/(Sum(units[0][0])/Sum(units[0][1])), 1e-10)
		checkNear(t, "se of the lift", *got.SELift, liftErrorByGradient(units, used), 1e-6)
	}
}

// liftErrorByGradient is the delta method without algebra: the derivatives of the lift by the eight means,
// taken by central differences, and the covariances of the means. The centre of the covariate drops out.
func liftErrorByGradient(units [2][4][]float64, theta float64) float64 {
	var means [8]float64
	for i := range means {
		means[i] = MomentsOf(units[i/4][i%4]).Mean
	}
	lift := func(m [8]float64) float64 {
		adjusted := func(k int) float64 { return m[k]/m[k+1] - theta*m[k+2]/m[k+3] }
		return (adjusted(4) - adjusted(0)) / math.Abs(m[0]/m[1])
	}
	var gradient [8]float64
	for i := range means {
		up, down := means, means
		h := 1e-5 * math.Abs(means[i])
		up[i] += h
		down[i] -= h
		gradient[i] = (lift(up) - lift(down)) / (2 * h)
	}
	v := 0.0
	for k := range 2 {
		n := float64(len(units[k][0]))
		for i := range 4 {
			for j := range 4 {
				v += gradient[4*k+i] * gradient[4*k+j] * covariance(units[k][i], units[k][j]) / n
			}
		}
	}
	return math.Sqrt(v)
}

func TestCompareCupedRatios_edges(t *testing.T) {
	c, tr := covariedRatio(t, ratioUnits(1, 40)), covariedRatio(t, ratioUnits(2, 31))
	compare := func(c, t CovariedRatio) (Cuped, error) { return CompareCupedRatios(c, t, nil, true, 0.95, TwoSided) }
	if got, err := compare(c, tr); err != nil || got.DF != nil || math.Abs(*got.PValue-2*UpperTail(math.Abs(*got.Statistic))) > 1e-15 {
		t.Errorf("normal: %+v, %v", got, err)
	}
	empty, noPre, zeroControl := CovariedRatio{}, c, c
	noPre.Pre.MeanDenominator = 0
	zeroControl.MeanNumerator = 0
	for _, w := range []struct {
		c      CovariedRatio
		reason string
	}{{empty, referral.ReasonNoData}, {noPre, ReasonZeroDenominator}} {
		if got, err := compare(w.c, tr); err != nil || got.Reason != w.reason || got.Estimate != nil {
			t.Errorf("%s: %+v, %v", w.reason, got, err)
		}
	}
	if got, err := compare(zeroControl, tr); err != nil || got.Lift != nil || got.PValue == nil || got.Reason != referral.ReasonZeroControl {
		t.Errorf("control of 0: %+v, %v", got, err)
	}
	// Possible pair by pair, impossible together: perfectly correlated with two uncorrelated values.
	impossible := CovariedRatio{
		RatioMoments: RatioMoments{N: 9, MeanNumerator: 1, MeanDenominator: 1, VarNumerator: 1, VarDenominator: 1, Covariance: 1},
		Pre:          RatioMoments{N: 9, MeanNumerator: 1, MeanDenominator: 1, VarNumerator: 1, VarDenominator: 1},
		Cov:          [2][2]float64{{1, 0}, {0, 1}},
	}
	unequal := c
	unequal.Pre.N++
	tooLarge := c
	tooLarge.Cov[1][0] = 1e6
	for i, bad := range []CovariedRatio{impossible, unequal, tooLarge} {
		if got, err := compare(bad, tr); !errors.Is(err, ErrInput) {
			t.Errorf("%d accepted: %+v, %v", i, got, err)
		}
	}
	if _, err := CovariedRatioOf([]float64{1, 2}, []float64{1, 2}, []float64{1}, []float64{1}); !errors.Is(err, ErrInput) {
		t.Errorf("lengths: %v", err)
	}
}
