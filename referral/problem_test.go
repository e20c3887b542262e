package referral

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProblem_string(t *testing.T) {
	for want, p := range map[string]Problem{
		`vouch.yaml:14:7: funnels.r.steps[2].event: "signup" is not an event (did you mean "sign_up"?)`: {
			Path: "funnels.r.steps[2].event", Msg: `"signup" is not an event`, Hint: `did you mean "sign_up"?`, File: "vouch.yaml", Line: 14, Col: 7,
		},
		"vouch.yaml: is empty":        {Msg: "is empty", File: "vouch.yaml"},
		"window: is missing":          {Path: "window", Msg: "is missing"},
		"a.csv: amount: not a number": {File: "a.csv", Path: "amount", Msg: "not a number"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestProblems_areAnErrorOnlyIfThereAreSome(t *testing.T) {
	if err := (Problems{}).Err(); err != nil {
		t.Errorf("no problem is an error: %v", err)
	}
	if err := Problems(nil).Err(); err != nil {
		t.Errorf("no problem is an error: %v", err)
	}
	ps := Problems{{Path: "a", Msg: "one"}, {Path: "b", Msg: "two"}}
	err := fmt.Errorf("load: %w", ps.Err())
	if err.Error() != "load: a: one\nb: two" {
		t.Errorf("got %q", err)
	}
	var back Problems
	if !errors.As(err, &back) || len(back) != 2 {
		t.Errorf("the problems are lost in %v", err)
	}
}

func TestProblems_under(t *testing.T) {
	ps := Problems{{Path: "steps[2].event", Msg: "x", Hint: "h"}, {Path: "[3].name", Msg: "y"}, {Msg: "z"}}
	want := Problems{{Path: "funnels.r.steps[2].event", Msg: "x", Hint: "h"}, {Path: "funnels.r[3].name", Msg: "y"}, {Path: "funnels.r", Msg: "z"}}
	if d := cmp.Diff(want, ps.Under("funnels.r")); d != "" {
		t.Error(d)
	}
	if ps[0].Path != "steps[2].event" {
		t.Error("the argument was changed")
	}
}
