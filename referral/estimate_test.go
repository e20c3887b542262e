package referral

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestEstimate_json(t *testing.T) {
	known := Estimate{
		Value: Float(0.5), Lo: Float(0.25), Confidence: 0.95, Method: "wilson", Numerator: Whole(2), Denominator: Micros(4_500_000),
	}
	for want, e := range map[string]Estimate{
		`{"value":0.5,"lo":0.25,"hi":null,"confidence":0.95,"method":"wilson","numerator":2,"denominator":4.5}`:                               known,
		`{"value":null,"lo":null,"hi":null,"confidence":0.9,"method":"ratio","numerator":null,"denominator":null,"reason":"no_acquisitions"}`: Undefined(ReasonNoAcquisitions, "ratio", 0.9),
	} {
		got, err := json.Marshal(e)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
		var back Estimate
		if err := json.Unmarshal(got, &back); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(e, back); d != "" {
			t.Error(d)
		}
	}
	if !known.Known() || Undefined("x", "y", 0.95).Known() {
		t.Error("Known is wrong")
	}
}

func TestFloat_finiteOnly(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if p := Float(x); p != nil {
			t.Errorf("%v became %v", x, *p)
		}
	}
	for _, x := range []float64{0, -1.5, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		if p := Float(x); p == nil || *p != x {
			t.Errorf("%v is lost", x)
		}
	}
}

func TestMicros(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 1: "0.000001", -1: "-0.000001", 2_500_000: "2.5", 1_000_000: "1", -1_000_010: "-1.00001", 999_999: "0.999999",
		math.MaxInt64: "9223372036854.775807", math.MinInt64: "-9223372036854.775808",
	} {
		if got := Micros(n).String(); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

func TestMicrosAndWhole_areExactJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		got, ok := new(big.Rat).SetString(Micros(n).String())
		if !ok || got.Cmp(big.NewRat(n, MicroScale)) != 0 {
			t.Fatalf("%d millionths are %s", n, Micros(n))
		}
		b, err := json.Marshal([]*json.Number{Micros(n), Whole(n)})
		if err != nil || !json.Valid(b) {
			t.Fatalf("%s, %v", b, err)
		}
		if back, err := Whole(n).Int64(); err != nil || back != n {
			t.Fatalf("%d is %s", n, Whole(n))
		}
	})
}

func TestSortFindings(t *testing.T) {
	a, b, c := Finding{"a", "x", "1"}, Finding{"a", "y", "0"}, Finding{"b", "x", "0"}
	in := []Finding{c, b, a, c, a}
	if d := cmp.Diff([]Finding{a, b, c}, SortFindings(in)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Finding{c, b, a, c, a}, in); d != "" {
		t.Error("the argument was changed", d)
	}
	if got := SortFindings(nil); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
