package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestColumn_anyWidth(t *testing.T) {
	for name, c := range map[string]Column{
		"I8": {I8: []int8{-1, 2, 127}}, "U8": {U8: []uint8{255, 2, 127}}, "I16": {I16: []int16{-1, 2, 127}}, "U16": {U16: []uint16{65535, 2, 127}},
		"I32": {I32: []int32{-1, 2, 127}}, "I64": {I64: []int64{-1, 2, 127}},
	} {
		first := map[string]int64{"U8": 255, "U16": 65535}[name]
		if first == 0 {
			first = -1
		}
		want := []int64{first, 2, 127}
		var got []int64
		for i := range 3 {
			got = append(got, c.Int(i))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if d := cmp.Diff(append([]int64{7}, want...), c.AppendInts([]int64{7})); d != "" {
			t.Errorf("%s appended: %s", name, d)
		}
		if c.IsNull(0) {
			t.Errorf("%s: NULL without marks", name)
		}
	}
	c := Column{I8: []int8{0, 1}, Valid: []bool{false, true}}
	if !c.IsNull(0) || c.IsNull(1) {
		t.Error("marks are misread")
	}
}

func TestColumn_textIsNoInteger(t *testing.T) {
	c := Column{Text: []string{"1"}}
	for name, f := range map[string]func(){"Int": func() { c.Int(0) }, "AppendInts": func() { c.AppendInts(nil) }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s read a text as a number", name)
				}
			}()
			f()
		}()
	}
}
