package experiments

import (
	"slices"
	"strings"
	"testing"

	"vouch/referral"
)

// The finding names the arm and the share of its largest unit, by hand: 12 of 110 and 300 of 310; a tenth exactly is not told, nor is a
// large unit among few, nor one of a sum that is not above 0.
func TestLargeUnits(t *testing.T) {
	many := func(first int64) []int64 {
		return append([]int64{first}, append(repeated(1, 98), repeated(0, 21)...)...)
	}
	for _, c := range []struct {
		name    string
		metric  Metric
		values  [2][]int64
		largest [2]float64
		want    []string
	}{
		{"large in one", Metric{Kind: KindMean}, [2][]int64{many(1), many(12)}, [2]float64{1, 12}, []string{"One unit of ten holds 11 % of the sum"}},
		{"a tenth", Metric{Kind: KindMean}, [2][]int64{many(1), append(many(11)[:1], append(repeated(1, 99), repeated(0, 20)...)...)}, [2]float64{1, 11}, nil},
		{"few units", Metric{Kind: KindMean}, [2][]int64{{1, 1, 1}, {9, 0, 0}}, [2]float64{1, 9}, nil},
		{"refunds outweigh", Metric{Kind: KindMean}, [2][]int64{many(1), many(-200)}, [2]float64{1, 1}, nil},
		{"of a share", Metric{Kind: KindProportion}, [2][]int64{many(1), many(1)}, [2]float64{90, 90}, nil},
	} {
		var arms []outcome
		for i, v := range c.values {
			o := outcomeOf(t, v)
			o.largest = c.largest[i]
			arms = append(arms, o)
		}
		_, found := compared(t, asked(c.metric, 2), readOf(arms...))
		found = slices.DeleteFunc(found, func(f referral.Finding) bool { return f.Code != "large-unit" })
		ok := len(found) == len(c.want)
		for i := range min(len(found), len(c.want)) {
			ok = ok && strings.HasPrefix(found[i].Detail, c.want[i])
		}
		if !ok {
			t.Errorf("%s: %+v", c.name, found)
		}
	}
}
