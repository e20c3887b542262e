package ltv

import "testing"

// lifetimes 0.11.3: conditional_expected_number_of_purchases_up_to_time(26, x, t_x, T), conditional_probability_alive and, for a
// new customer, expected_number_of_purchases_up_to_time(52), under the CDNOW parameters to three decimals.
func TestRepeat_lifetimes(t *testing.T) {
	histories := []History{{0, 0, 39}, {2, 30.43, 38.86}, {7, 12, 30}}
	for _, c := range []struct {
		what            string
		model           Repeat
		expected, alive [3]float64
		ofNew           float64
	}{
		{
			"BG/NBD",
			BGNBD{0.243, 4.414, 0.793, 2.426},
			[3]float64{0.13421717316644113, 0.8616486606015459, 0.2133660005587743},
			[3]float64{1, 0.726578570080673, 0.0474734447901577},
			1.446050595396398,
		},
		{
			"MBG/NBD",
			MBGNBD{0.525, 6.183, 0.891, 1.614},
			[3]float64{0.10662633528872502, 0.8928462209530298, 0.22606026702801435},
			[3]float64{0.38934764866359717, 0.7062022651184733, 0.051702104759045416},
			1.4197237577127344,
		},
		{
			"Pareto/NBD",
			ParetoNBD{0.553, 10.578, 0.606, 11.669},
			[3]float64{0.07487299988631134, 1.0228463676729385, 0.442909770847898},
			[3]float64{0.29446703101458666, 0.8691675591530111, 0.10688174880135047},
			1.4729968033751073,
		},
	} {
		for i, h := range histories {
			near(t, c.what+" expected", c.model.Expected(h, 26), c.expected[i], 1e-9, 0)
			near(t, c.what+" alive", c.model.Alive(h), c.alive[i], 1e-9, 0)
		}
		near(t, c.what+" of new", c.model.ExpectedNew(52), c.ofNew, 1e-9, 0)
	}
}

// lifetimes 0.11.3, _customer_lifetime_value(…, spend 10, 20, 30, time=12, discount_rate=.01, freq="W"), whose months have 4.345 weeks.
func TestHorizon_Purchases_lifetimes(t *testing.T) {
	year := Horizon{Periods: 12, Length: 4.345, Unit: Week, Model: Week, Discount: 0.01}
	m := BGNBD{0.243, 4.414, 0.793, 2.426}
	for i, c := range []struct {
		h           History
		spend, want float64
	}{
		{History{0, 0, 39}, 10, 2.36952255088121},
		{History{2, 30.43, 38.86}, 20, 29.427207319142617},
		{History{7, 12, 30}, 30, 10.499474905594825},
	} {
		got, err := year.Purchases(m, c.h)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "value "+string(rune('1'+i)), c.spend*got, c.want, 1e-9, 0)
	}
}
