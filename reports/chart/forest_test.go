package chart

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A row carries the other readings of its effect beside it, and the axis has room for all of them.
func TestForest_readings(t *testing.T) {
	o, err := Forest{ID: "x", Effects: []Effect{
		{Name: "paid", Value: f(2), Lo: f(1), Hi: f(3), Margin: f(-4), Beside: &Range{Value: f(1.5), Lo: f(-6), Hi: f(4)}, Looks: &Range{Lo: f(0), Hi: f(9)}},
		{Name: "alone", Value: f(1), Looks: &Range{Hi: f(5)}},
	}}.Option()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Option map[string]any }
	if err := json.Unmarshal(o.JSON, &doc); err != nil {
		t.Fatal(err)
	}
	rows := doc.Option["series"].([]any)[0].(map[string]any)["data"].([]any)
	for i, want := range []map[string]any{
		{"value": []any{2.0, 1.0, 3.0, 0.0, -4.0}, "beside": []any{1.5, -6.0, 4.0}, "looks": []any{"-", 0.0, 9.0}},
		{"value": []any{1.0, "-", "-", 1.0, "-"}, "beside": nil, "looks": []any{"-", "-", 5.0}},
	} {
		row := rows[i].(map[string]any)
		for k, v := range want {
			if d := cmp.Diff(v, row[k]); d != "" {
				t.Errorf("row %d, %s: %s", i, k, d)
			}
		}
	}
	x := axis(doc.Option, "xAxis")
	if lo, hi := x["min"].(float64), x["max"].(float64); lo > -6 || hi < 9 {
		t.Errorf("the axis goes from %v to %v", lo, hi)
	}
}

// The column of texts is as wide as its longest text.
func TestForest_room(t *testing.T) {
	for text, want := range map[string]int{"": 180, "+1.00 pp  +0.50 to +1.50": 192, "+EUR 12,345  −EUR 10,000 to +EUR 1,234,567 and much more than that": 320} {
		if got := (Forest{Effects: []Effect{{Text: text}, {Text: "x"}}}).room(); got != want {
			t.Errorf("%q: %d px, want %d", text, got, want)
		}
	}
}
