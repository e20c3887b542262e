package funnel

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
)

// TestLookUp reads keys of every width, some of them beyond the table.
func TestLookUp(t *testing.T) {
	table := []int32{5, 6, 7}
	for name, c := range map[string]struct {
		keys engine.Column
		want []int32
	}{
		"U8":    {engine.Column{U8: []uint8{2, 0, 3, 255}}, []int32{7, 5, 0, 0}},
		"I8":    {engine.Column{I8: []int8{2, 0, 3, -1}}, []int32{7, 5, 0, 0}},
		"U16":   {engine.Column{U16: []uint16{2, 0, 3, 65535}}, []int32{7, 5, 0, 0}},
		"I16":   {engine.Column{I16: []int16{2, 0, 3, -1}}, []int32{7, 5, 0, 0}},
		"I32":   {engine.Column{I32: []int32{2, 0, 3, -1}}, []int32{7, 5, 0, 0}},
		"I64":   {engine.Column{I64: []int64{2, 0, 3, -1 << 63}}, []int32{7, 5, 0, 0}},
		"empty": {engine.Column{I64: []int64{}}, []int32{}},
	} {
		if d := cmp.Diff(c.want, lookUp([]int32{9, 9}, &c.keys, table)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
