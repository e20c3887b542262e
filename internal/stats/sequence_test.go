package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// Reference: mpmath 1.4.1, the formulas at 40 digits.
func TestAsymptoticSequence(t *testing.T) {
	c, tr := Moments{3000, 1.5, 4}, Moments{3200, 1.75, 5}
	both, err := AsymptoticSequence(c, tr, 0.95, 5000, false, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "se", *both.SE, 0.0538129476365431346, 1e-13)
	checkNear(t, "lower", *both.Lower, 0.0865484683687862964, 1e-13)
	checkNear(t, "upper", *both.Upper, 0.413451531631213704, 1e-13)
	checkNear(t, "ln p", *both.LnPValue, -8.60426987042725463, 1e-13)
	checkNear(t, "p", *both.PValue, math.Exp(-8.60426987042725463), 1e-12)
	up, err := AsymptoticSequence(c, tr, 0.95, 5000, false, Greater)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "one-sided lower", *up.Lower, 0.100437616362022511, 1e-13)
	checkNear(t, "one-sided ln p", *up.LnPValue, -9.17469215912420933, 1e-13)
	if up.Upper != nil || up.Reason != "" {
		t.Errorf("%+v", up)
	}
	relative, err := AsymptoticSequence(c, tr, 0.95, 5000, true, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "lift", *relative.Estimate, 1.0/6, 1e-14)
	checkNear(t, "lift lower", *relative.Lower, 0.0489882743535315391, 1e-12)
	checkNear(t, "lift upper", *relative.Upper, 0.284345058979801794, 1e-13)
	checkNear(t, "lift ln p", *relative.LnPValue, -7.20772882601559776, 1e-13)
}

// p is at most a exactly when the interval leaves out 0; swapping the arms mirrors everything.
func TestAsymptoticSequence_agreement(t *testing.T) {
	r := random(3, 14)
	for range 3000 {
		c := Moments{2 + r.Int64N(5000), r.NormFloat64(), 0.1 + 20*r.ExpFloat64()}
		tr := Moments{2 + r.Int64N(5000), c.Mean + 0.3*r.NormFloat64(), 0.1 + 20*r.ExpFloat64()}
		level, tuning := 0.51+0.48*r.Float64(), math.Pow(10, 1+4*r.Float64())
		for _, alt := range []Alternative{TwoSided, Greater, Less} {
			got, err := AsymptoticSequence(c, tr, level, tuning, false, alt)
			if err != nil {
				t.Fatal(err)
			}
			excludes := got.Lower != nil && *got.Lower > 0 || got.Upper != nil && *got.Upper < 0
			if excludes != (*got.PValue < 1-level) && math.Abs(*got.PValue-1+level) > 1e-9 {
				t.Errorf("%s: %+v: p %v at level %v", alt, got, *got.PValue, level)
			}
			mirror := map[Alternative]Alternative{TwoSided: TwoSided, Greater: Less, Less: Greater}[alt]
			back, err := AsymptoticSequence(tr, c, level, tuning, false, mirror)
			if err != nil {
				t.Fatal(err)
			}
			if *back.LnPValue != *got.LnPValue || got.Lower != nil && math.Abs(*got.Lower+*back.Upper) > 1e-12 {
				t.Errorf("%s: %+v and mirrored %+v", alt, got, back)
			}
		}
	}
}

// Looking after every tenth pair of units from the 100th to the 3000th keeps the level, where the test for one
// look does not.
func TestAsymptoticSequence_constantLooking(t *testing.T) {
	r := random(8, 8)
	const runs = 400
	valid, naive := 0, 0
	for range runs {
		var sum, squares [2]float64
		var crossed, fixed bool
		for n := int64(1); n <= 3000; n++ {
			var arm [2]Moments
			for i := range 2 {
				x := r.ExpFloat64()
				sum[i] += x
				squares[i] += x * x
				m := sum[i] / float64(n)
				arm[i] = Moments{n, m, squares[i]/float64(n) - m*m}
			}
			if n < 100 || n%10 > 0 {
				continue
			}
			got, err := AsymptoticSequence(arm[0], arm[1], 0.95, 2000, false, TwoSided)
			if err != nil {
				t.Fatal(err)
			}
			crossed = crossed || *got.PValue < 0.05
			fixed = fixed || math.Abs(*got.Estimate / *got.SE) > 1.96
		}
		if crossed {
			valid++
		}
		if fixed {
			naive++
		}
	}
	if valid > 33 { // 20 expected at most, with three standard errors
		t.Errorf("rejected %d of %d", valid, runs)
	}
	if naive < 80 {
		t.Errorf("the test for one look rejected only %d of %d", naive, runs)
	}
}

// An effect of many standard errors keeps its ln p where p underflows to 0.
func TestAsymptoticSequence_underflow(t *testing.T) {
	got, err := AsymptoticSequence(Moments{400000, 10, 4}, Moments{400000, 11, 4}, 0.95, 5000, false, Less)
	if err != nil || *got.LnPValue != 0 || *got.PValue != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = AsymptoticSequence(Moments{400000, 10, 4}, Moments{400000, 11, 4}, 0.95, 5000, false, Greater)
	if err != nil || !(*got.LnPValue < -24000) || *got.PValue != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAsymptoticSequence_edges(t *testing.T) {
	some := Moments{50, 1, 1}
	for _, c := range []struct {
		c, t     Moments
		relative bool
		reason   string
		estimate bool
	}{
		{Moments{1, 1, 0}, some, false, referral.ReasonNoData, true},
		{Moments{}, some, false, referral.ReasonNoData, false},
		{Moments{5, 1, 0}, Moments{5, 2, 0}, false, referral.ReasonZeroVariance, true},
		{Moments{5, 0, 1}, some, true, referral.ReasonZeroControl, false},
		{Moments{5, 1, 0}, Moments{5, 2, 0}, true, referral.ReasonZeroVariance, true},
		{Moments{5, 1e-320, 1}, some, true, ReasonOutOfRange, false},
	} {
		got, err := AsymptoticSequence(c.c, c.t, 0.95, 5000, c.relative, TwoSided)
		if err != nil || got.Reason != c.reason || (got.Estimate != nil) != c.estimate || got.Lower != nil || got.PValue != nil {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
	bad := []error{}
	for _, tuning := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		_, err := AsymptoticSequence(some, some, 0.95, tuning, false, TwoSided)
		bad = append(bad, err)
	}
	_, err := AsymptoticSequence(some, some, 0.5, 100, false, Greater)
	_, err2 := AsymptoticSequence(some, some, 1, 100, false, TwoSided)
	_, err3 := AsymptoticSequence(some, some, 0.95, 100, false, "sideways")
	_, err4 := AsymptoticSequence(Moments{5, 1, -1}, some, 0.95, 100, true, TwoSided)
	for _, err := range append(bad, err, err2, err3, err4) {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}

// Reference: mpmath 1.4.1, the formulas at 40 digits.
func TestSequenceWidthRatio(t *testing.T) {
	for _, c := range []struct {
		n             int64
		tuning, level float64
		rho, ratio    float64
	}{
		{5000, 5000, 0.95, 0.0398400667713736778, 1.54860447146865659},
		{10, 1e6, 0.99, 0.00339613623706635552, 109.714346210265253},
	} {
		got, err := SequenceWidthRatio(c.n, c.tuning, c.level)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "rho", *got.Rho, c.rho, 1e-13)
		checkNear(t, "ratio", *got.Ratio, c.ratio, 1e-13)
	}
	if got, err := SequenceWidthRatio(0, 5000, 0.95); err != nil || got.Ratio != nil || got.Rho == nil || got.Reason != referral.ReasonNoData {
		t.Errorf("no units: %+v, %v", got, err)
	}
	// The interval is about as tight at the units it is tuned for as any tuning can make it there.
	at := func(tuning float64) float64 {
		got, err := SequenceWidthRatio(1000, tuning, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		return *got.Ratio
	}
	for _, tuning := range []float64{300, 3000} {
		if at(tuning) < at(1000) {
			t.Errorf("tuned to %v: %v, to 1000: %v", tuning, at(tuning), at(1000))
		}
	}
	_, err := SequenceWidthRatio(-1, 5000, 0.95)
	_, err2 := SequenceWidthRatio(5, 0, 0.95)
	_, err3 := SequenceWidthRatio(5, 5, 0)
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}
