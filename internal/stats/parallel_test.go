package stats

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
)

func TestParallel_everyIndexOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 50} {
		hits := make([]atomic.Int64, 40)
		if err := Parallel(t.Context(), workers, len(hits), func(i int) error { hits[i].Add(1); return nil }); err != nil {
			t.Fatal(err)
		}
		for i := range hits {
			if hits[i].Load() != 1 {
				t.Errorf("%d workers: index %d ran %d times", workers, i, hits[i].Load())
			}
		}
	}
}

func TestParallel_stops(t *testing.T) {
	boom := errors.New("boom")
	err := Parallel(t.Context(), 4, 1000, func(i int) error {
		if i == 7 {
			return fmt.Errorf("at 7: %w", boom)
		}
		return nil
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Parallel(ctx, 4, 10, func(int) error { t.Error("called after the end"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := Parallel(t.Context(), 4, 0, func(int) error { return boom }); err != nil {
		t.Errorf("nothing to do gives %v", err)
	}
}

func TestRand_streams(t *testing.T) {
	draw := func(seed, stream uint64) [3]uint64 {
		r := Rand(seed, stream)
		return [3]uint64{r.Uint64(), r.Uint64(), r.Uint64()}
	}
	if first, again := draw(1, 2), draw(1, 2); first != again {
		t.Error("the same seed and stream differ")
	}
	if draw(1, 2) == draw(1, 3) || draw(1, 2) == draw(2, 2) {
		t.Error("different streams or seeds agree")
	}
}
