package referral

import (
	"math"
	"testing"
)

func TestSignificant(t *testing.T) {
	for want, x := range map[string]float64{
		"0": 0, "0.0000504": 5.04e-5, "-0.0000336": -3.3634e-5, "0.235": 0.23512, "0.1": 0.1, "3": 3.0001, "1230": 1234.5, "3820": 3824.1, "1000": 999.9,
		"-12.3": -12.34, "12300000": 12345678, "NaN": math.NaN(), "+Inf": math.Inf(1),
	} {
		if got := Significant(x, 3); got != want {
			t.Errorf("Significant(%v) = %s, want %s", x, got, want)
		}
	}
	if got := Significant(math.Copysign(0, -1), 3); got != "0" {
		t.Errorf("minus zero is written %s", got)
	}
	for want, x := range map[string]float64{"+1.5": 1.5, "-1.5": -1.5, "0": 0} {
		if got := SignedSignificant(x, 3); got != want {
			t.Errorf("SignedSignificant(%v) = %s, want %s", x, got, want)
		}
	}
}
