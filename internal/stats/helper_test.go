package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// near reports whether got is within a relative tolerance of want; two zeros agree.
func near(got, want, rel float64) bool {
	return got == want || math.Abs(got-want) <= rel*math.Abs(want)
}

// checkNear fails unless got is within a relative tolerance of want.
func checkNear(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if !near(got, want, rel) {
		t.Errorf("%s = %.17g, want %.17g (off by %.2g)", what, got, want, math.Abs(got/want-1))
	}
}

// value reads a result field that must be known.
func value(t *testing.T, what string, p *float64) float64 {
	t.Helper()
	if p == nil {
		t.Fatalf("%s is unknown", what)
	}
	return *p
}

// random returns a generator for a seed and a stream: the same pair always yields the same numbers.
func random(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
