package stats

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// Hyndman and Fan's definition 7; the median of 1..4 is the case in which other definitions give 2.
func TestQuantile(t *testing.T) {
	in := []float64{4, 1, 3, 2}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {0.1, 1.3}, {0.5, 2.5}, {0.9, 3.7}, {1, 4}} {
		got, err := Quantile(in, c.q)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "quantile", got, c.want, 1e-15)
	}
	if !slices.Equal(in, []float64{4, 1, 3, 2}) {
		t.Error("the values were reordered")
	}
	if _, err := Quantile(nil, 0.5); !errors.Is(err, ErrNoData) {
		t.Errorf("no values: %v", err)
	}
	for _, q := range []float64{-0.1, 1.1, math.NaN()} {
		if _, err := Quantile(in, q); !errors.Is(err, ErrInput) {
			t.Errorf("q %v: %v", q, err)
		}
	}
	if _, err := Quantile([]float64{1, math.NaN()}, 0.5); !errors.Is(err, ErrInput) {
		t.Errorf("NaN: %v", err)
	}
}
