package cli

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/referral"
	"vouch/reports"
)

// TestWriteJSON wants, byte for byte, what encoding/json writes.
func TestWriteJSON(t *testing.T) {
	one, rate := int64(1), referral.Estimate{Value: referral.Float(1e-7), Method: "<wilson> & co", Numerator: referral.Whole(1)}
	step := funnel.StepResult{Name: "a\u2028\"b\"<&>\xff", Persons: 3, FromFirst: &rate, Velocity: funnel.Quantiles{"0.9": nil, "0.5": referral.Float(2)}}
	result := funnel.Result{
		Name: "f", Options: map[string]string{"b": "1", "a": "2"}, Steps: []funnel.StepResult{step, {}}, Groups: []funnel.Group{{Key: "x", Steps: []funnel.StepResult{step}}, {}},
		Late: &one, Flow: []funnel.FlowRow{}, Findings: []referral.Finding{{Code: "c"}},
	}
	type embedded struct {
		funnel.Bin
		More string `json:"more"`
	}
	for name, v := range map[string]any{
		"envelope": envelope{Schema: "s", Run: &reports.Run{ID: "<1>", AsOf: time.Unix(0, 0).UTC()}, Findings: []referral.Finding{{Detail: "a & b"}, {}}, Result: result, Timings: map[string]int64{"funnel": 3}},
		"no run":   envelope{Result: &result},
		"nothing":  envelope{},
		"map":      envelope{Result: map[string]any{"b": []int{1}, "a": nil}},
		"list":     envelope{Result: []funnel.Bin{{}, {Persons: 2}}},
		"bytes": envelope{Result: struct { //nolint:govet // for the test alone
			A []byte            `json:"a"`
			B []json.RawMessage `json:"b"`
			C []string          `json:"c,omitempty"`
			D time.Time         `json:"d"`
			E *int              `json:"e,omitempty"`
			F [0]int            `json:"f,omitempty"`
			G bool              `json:"g,omitempty"`
		}{A: []byte("abc"), B: []json.RawMessage{[]byte(`{"x": 1}`)}}},
		"embedded": envelope{Result: embedded{Bin: funnel.Bin{Persons: 1}}},
		"other option": envelope{Result: struct {
			N int `json:"n,string"`
		}{1}},
		"without names":   envelope{Result: struct{ N, m int }{1, 2}},
		"time":            envelope{Result: time.Unix(0, 0).UTC()},
		"not an envelope": []int{1, 2},
	} {
		var want, got strings.Builder
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		if err := writeJSON(&got, v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(want.String(), got.String()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestWriteJSON_errors wants those of the values and those of the writer.
func TestWriteJSON_errors(t *testing.T) {
	var out strings.Builder
	var unsupported *json.UnsupportedValueError
	if err := writeJSON(&out, envelope{Result: []float64{math.NaN()}}); !errors.As(err, &unsupported) {
		t.Errorf("NaN: %v", err)
	}
	if err := writeJSON(full{}, envelope{Schema: strings.Repeat("a", 1<<17)}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a full disk: %v", err)
	}
	if err := writeJSON(full{}, envelope{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a full disk at the end: %v", err)
	}
}
