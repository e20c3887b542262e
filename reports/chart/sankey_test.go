package chart

import (
	"encoding/json"
	"slices"
	"testing"
)

// drawing is the part of a flow chart's option that says what is drawn.
type drawing struct {
	Option struct {
		Series []struct {
			Type string
			Data []struct {
				Name, Text string
				Depth      int
				ItemStyle  map[string]any
			}
			Links []struct {
				Source, Target string
				Value          float64
				LineStyle      map[string]any
			}
		}
	}
}

func drawn(t *testing.T, s Sankey) drawing {
	t.Helper()
	o, err := s.Option()
	if err != nil {
		t.Fatal(err)
	}
	var d drawing
	if err := json.Unmarshal(o.JSON, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Option.Series) != 1 || d.Option.Series[0].Type != "sankey" {
		t.Fatalf("series %+v", d.Option.Series)
	}
	return d
}

// Every person on the left is on the right: the widths are the numbers, as they were given, also those
// that a number of 32 bits would round.
func TestSankey_keepsEveryNumber(t *testing.T) {
	const big = 1<<24 + 1
	s := Sankey{
		ID: "x", Left: []Stop{{Name: "invited"}, {Name: "clicked"}, {Name: "nobody stopped here"}}, Right: []Stop{{Name: "nothing", Tone: Worse}, {Name: "unused"}, {Name: "paid", Tone: Better}},
		Flows: []Flow{{From: 0, To: 0, Value: big}, {From: 1, To: 0, Value: 3}, {From: 1, To: 2, Value: 7}},
	}
	got := drawn(t, s).Option.Series[0]
	var names []string
	for _, n := range got.Data {
		names = append(names, n.Name)
	}
	if want := []string{"l0", "l1", "r0", "r2"}; !slices.Equal(names, want) {
		t.Errorf("stops %v, want %v: one without a stream has no height", names, want)
	}
	if got.Data[0].Depth != 0 || got.Data[2].Depth != 1 || got.Data[0].Text != "invited\n" {
		t.Errorf("stops %+v", got.Data)
	}
	var total float64
	for i, l := range got.Links {
		total += l.Value
		if l.Source != stopID("l", s.Flows[i].From) || l.Target != stopID("r", s.Flows[i].To) {
			t.Errorf("stream %d goes from %s to %s", i, l.Source, l.Target)
		}
	}
	if total != big+10 {
		t.Errorf("the streams hold %v", total)
	}
	if got.Links[0].LineStyle["@color"] != "worse" || got.Links[2].LineStyle["@color"] != "better" {
		t.Errorf("streams do not have the tone of where they end: %+v", got.Links)
	}
}

// Names are labels only: two of the same name, or one that looks like an id, stay apart.
func TestSankey_namesMayRepeat(t *testing.T) {
	got := drawn(t, Sankey{
		ID: "x", Left: []Stop{{Name: "r0"}, {Name: "same"}}, Right: []Stop{{Name: "same"}},
		Flows: []Flow{{From: 0, To: 0, Value: 1}, {From: 1, To: 0, Value: 1}},
	}).Option.Series[0]
	seen := map[string]bool{}
	for _, n := range got.Data {
		if seen[n.Name] {
			t.Errorf("two stops are %s", n.Name)
		}
		seen[n.Name] = true
	}
}

func TestSankey_refusesWhatCannotBeDrawn(t *testing.T) {
	stops := []Stop{{Name: "a"}}
	for name, f := range map[string]Flow{
		"no width": {Value: 0}, "negative": {Value: -1}, "no such left": {From: 1, Value: 1}, "no such right": {To: 1, Value: 1}, "below": {From: -1, Value: 1},
	} {
		if _, err := (Sankey{ID: "x", Left: stops, Right: stops, Flows: []Flow{f}}).Option(); err == nil {
			t.Errorf("%s: drawn", name)
		}
	}
}

// A funnel's texts stand in one column at the right edge, also of a step without an interval; bars
// without any interval carry their texts themselves.
func TestBars_textsOfRowsWithoutInterval(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []Row
		want []string
	}{
		{"mixed", []Row{{Value: f(9), Text: "first"}, {Value: f(3), Lo: f(2), Hi: f(4), Text: "second"}}, []string{"second", "first"}},
		{"none", []Row{{Value: f(9), Text: "first"}}, nil},
	} {
		o, err := Bars{ID: "x", Track: true, Rows: c.rows}.Option()
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Option struct {
				Series []struct {
					Type  string
					Texts bool
					Data  []struct{ Text string }
				}
			}
		}
		if err := json.Unmarshal(o.JSON, &d); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range d.Option.Series[1:] {
			if !s.Texts {
				t.Errorf("%s: narrow screens lose the numbers", c.name)
			}
			for _, x := range s.Data {
				got = append(got, x.Text)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: texts %q, want %q", c.name, got, c.want)
		}
	}
}
