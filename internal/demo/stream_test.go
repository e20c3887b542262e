package demo

import (
	"math"
	"testing"
)

func TestStream_equalKeysEqualDraws(t *testing.T) {
	draw := func(seed uint64, kind string, id int) [4]uint64 {
		s := newStream(seed, kind, id)
		return [4]uint64{s.Uint64(), s.Uint64(), s.Uint64(), s.Uint64()}
	}
	first := draw(1, kindPerson, 17)
	if again := draw(1, kindPerson, 17); again != first {
		t.Errorf("the same key drew %v, then %v", first, again)
	}
	for _, other := range [][4]uint64{draw(2, kindPerson, 17), draw(1, kindPartner, 17), draw(1, kindPerson, 18), draw(17, kindPerson, 1)} {
		if other == first {
			t.Errorf("a different key drew the same: %v", other)
		}
	}
}

// Streams of neighbouring ids must not move together: the correlation of their first draws over
// 20,000 pairs has a standard error of 0.007.
func TestStream_neighboursAreUnrelated(t *testing.T) {
	const n = 20_000
	var sx, sxx, sxy float64
	last := newStream(1, kindPerson, n).Float64()
	for i := range n {
		x := newStream(1, kindPerson, i).Float64()
		sx, sxx, sxy = sx+x, sxx+x*x, sxy+x*last
		last = x
	}
	mean := sx / n
	if r := (sxy/n - mean*mean) / (sxx/n - mean*mean); math.Abs(r) > 0.03 {
		t.Errorf("correlation of neighbours %.3f", r)
	}
	if math.Abs(mean-0.5) > 0.01 { // five standard errors
		t.Errorf("mean of first draws %.4f", mean)
	}
}

func TestStream_pick(t *testing.T) {
	s := newStream(3, "pick", 0)
	counts := [4]int{}
	for range 40_000 {
		counts[s.pick(1, 0, 3, 4)]++
	}
	for i, want := range []float64{5000, 0, 15000, 20000} {
		if got := float64(counts[i]); math.Abs(got-want) > 5*math.Sqrt(want*(1-want/40_000)) {
			t.Errorf("weight %d: %v draws, want about %v", i, got, want)
		}
	}
}

func TestStream_cuts(t *testing.T) {
	s := newStream(4, "cut", 0)
	for range 10_000 {
		if v := s.expo(10, 20); v < 0 || v > 20 {
			t.Fatalf("delay %v outside 0 to 20", v)
		}
		if v := s.between(3, 5); v < 3 || v > 5 {
			t.Fatalf("%d outside 3 to 5", v)
		}
	}
}
