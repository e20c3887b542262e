package funnel

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// TestCount_everyChain_profiles compares the kernel with the list of all chains where options meet that
// a uniform draw rarely brings together: the sequence a, b, c, one person, many events, the option
// always on.
func TestCount_everyChain_profiles(t *testing.T) {
	for name, force := range map[string]func(*rapid.T, *Rules){
		"clock noise": func(t *rapid.T, r *Rules) {
			r.Tolerance = rapid.Int64Range(1, 3).Draw(t, "tolerance")
		},
		"totals with exclusions": func(t *rapid.T, r *Rules) {
			r.Counting = "totals"
			r.Order = pick(t, "order", "ordered", "ordered", "strict_among_steps", "unordered")
			drawExclusions(t, r)
		},
		"strict totals": func(t *rapid.T, r *Rules) {
			r.Counting, r.Order = "totals", pick(t, "order", "strict", "strict_among_steps")
			r.Ties = pick(t, "ties", "any_order", "increasing")
			r.Steps[1].Optional = rapid.Bool().Draw(t, "optional")
		},
		"totals by step": func(t *rapid.T, r *Rules) {
			r.Counting, r.Reuse = "totals", rapid.Bool().Draw(t, "reuse")
			for i := range r.Steps {
				r.Steps[i].AnyOf = drawAlternatives(t, "step")
			}
			r.Breakdown = &Breakdown{Property: "prop.v", Attribution: "step", Step: rapid.IntRange(1, 3).Draw(t, "by")}
		},
		"exclusions": func(t *rapid.T, r *Rules) { drawExclusions(t, r) },
		"optional in strict": func(t *rapid.T, r *Rules) {
			r.Order = pick(t, "order", "strict", "strict_among_steps")
			r.Steps[1].Optional = true
		},
		"unordered": func(t *rapid.T, r *Rules) {
			r.Order, r.Ties = "unordered", pick(t, "ties", "any_order", "increasing")
			for i := range r.Steps {
				r.Steps[i].AnyOf = drawAlternatives(t, "step")
			}
			drawExclusions(t, r)
		},
		"overlap": func(t *rapid.T, r *Rules) {
			for i := range r.Steps {
				r.Steps[i].AnyOf = drawAlternatives(t, "step")
			}
			r.Entry = pick(t, "entry", "any", "first")
		},
	} {
		t.Run(name, func(t *testing.T) {
			checks(t, 1500, func(t *rapid.T) {
				r := drawSequence(t)
				force(t, r)
				if r.Order == "unordered" {
					for i := range r.Steps {
						r.Steps[i].Window, r.Steps[i].MinGap = nil, nil
					}
				}
				if ps := r.Validate(); len(ps) > 0 {
					t.Fatalf("drew rules that are refused: %v", ps)
				}
				events := drawSequenceEvents(t)
				if d := sameCounts(oracleCount(r, events), count(t, r, events)); d != "" {
					t.Fatalf("all chains (-) and kernel (+) differ:\n%s\n%s", d, describeCase(r, events))
				}
			})
		})
	}
}

// TestCount_everyChain_rich does the same for rules in which most options meet, over few points in time, so
// that tied blocks, exclusions on a step's time and lanes fall together.
func TestCount_everyChain_rich(t *testing.T) {
	checks(t, 6000, func(t *rapid.T) {
		r := drawMeeting(t)
		events := drawMeetingEvents(t, r, 8)
		if d := sameCounts(oracleCount(r, events), count(t, r, events)); d != "" {
			t.Fatalf("all chains (-) and kernel (+) differ:\n%s\n%s", d, describeCase(r, events))
		}
	})
}

// drawMeeting draws rules in which most options meet, with views.
func drawMeeting(t *rapid.T) *Rules {
	r := drawRich(t)
	r.Steps = r.Steps[:min(len(r.Steps), rapid.IntRange(2, 5).Draw(t, "first steps"))]
	r.Exclusions = nil
	if r.Tolerance == 0 {
		drawExclusions(t, r)
	}
	narrow(t, r)
	drawViews(t, r)
	if ps := r.Validate(); len(ps) > 0 {
		t.Fatalf("drew rules that are refused: %v", ps)
	}
	return r
}

// drawMeetingEvents draws events over few points in time.
func drawMeetingEvents(t *rapid.T, r *Rules, most int) []Event {
	scale := int64(1)
	if r.Trend != nil {
		scale = 15_000
	}
	var events []Event
	span := rapid.SampledFrom([]int64{2, 5, 12}).Draw(t, "span")
	for range rapid.IntRange(2, most).Draw(t, "events") {
		e := Event{
			Person: "p", TS: scale * rapid.Int64Range(0, span).Draw(t, "ts"), Props: map[string]json.RawMessage{},
			Name: pick(t, "event", "a", "a", "b", "b", "c", "c", "x", "d"),
		}
		if c := pick(t, "code", "", "k1", "k1", "k1", "k2"); c != "" {
			e.Props["code"] = json.RawMessage(`"` + c + `"`)
		}
		if v := pick(t, "v", "", "u", "w"); v != "" {
			e.Props["v"] = json.RawMessage(`"` + v + `"`)
		}
		events = append(events, e)
	}
	return events
}

// narrow brings the bounds of rules down to the few points in time of a short journey.
func narrow(t *rapid.T, r *Rules) {
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Window != nil {
			*s.Window = rapid.Int64Range(0, 6).Draw(t, "narrow step window")
		}
		if s.MinGap != nil {
			*s.MinGap = rapid.Int64Range(0, 3).Draw(t, "narrow gap")
			if s.Window != nil {
				*s.MinGap = min(*s.MinGap, *s.Window)
			}
		}
	}
	if r.Window != nil {
		*r.Window = rapid.Int64Range(0, 10).Draw(t, "narrow window")
	}
	r.Tolerance = min(r.Tolerance, 3)
	r.ObservationEnd = drawOptional(t, "end", rapid.Int64Range(2, 12))
	if rapid.IntRange(0, 3).Draw(t, "entry range") == 0 {
		from := rapid.Int64Range(0, 4).Draw(t, "from")
		to := from + rapid.Int64Range(1, 6).Draw(t, "to")
		r.EntryFrom, r.EntryTo = &from, &to
	}
}

func drawSequence(t *rapid.T) *Rules {
	r := &Rules{Window: drawOptional(t, "window", rapid.Int64Range(2, 9))}
	for i := range 3 {
		s := RuleStep{AnyOf: [][]Condition{{equals("event", string(rune('a'+i)))}}}
		if i > 0 {
			s.Window = drawOptional(t, "step window", rapid.Int64Range(1, 5))
		}
		r.Steps = append(r.Steps, s)
	}
	return r
}

func drawSequenceEvents(t *rapid.T) []Event {
	var out []Event
	for range rapid.IntRange(2, 9).Draw(t, "events") {
		e := Event{Person: "p", TS: rapid.Int64Range(0, 9).Draw(t, "ts"), Name: pick(t, "event", "a", "b", "c", "x"), Props: map[string]json.RawMessage{}}
		if v := pick(t, "v", "", "u", "w"); v != "" {
			e.Props["v"] = json.RawMessage(`"` + v + `"`)
		}
		out = append(out, e)
	}
	return out
}
