package calc

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// aCase is one line of a case file.
type aCase struct {
	ID     string          `json:"id"`
	Method string          `json:"method"`
	Input  json.RawMessage `json:"input"`
	Expect map[string]any  `json:"expect"`
	Tol    map[string]any  `json:"tol"`
}

// TestCases asks the questions of testdata/cases and, if VOUCH_CASES names a folder, those of its
// files. A method that does not exist yet is skipped there; in testdata it is a failure.
func TestCases(t *testing.T) {
	run := func(folder string, all bool) {
		found, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no cases in %s: %v", folder, err)
		}
		for _, path := range found {
			t.Run(filepath.Base(path), func(t *testing.T) { runCases(t, path, all) })
		}
	}
	run(filepath.Join("testdata", "cases"), true)
	if folder := os.Getenv("VOUCH_CASES"); folder != "" {
		run(folder, false)
	} else {
		t.Log("VOUCH_CASES names no further cases")
	}
}

func runCases(t *testing.T, path string, all bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	methods := byName(Methods())
	passed, missing := 0, map[string]int{}
	for in := bufio.NewReader(f); ; {
		line, readErr := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var c aCase
			if err := decodeNumbers(line, &c); err != nil {
				t.Fatalf("%.80s: %v", line, err)
			}
			_, known := methods[c.Method]
			if !known && !all && !reflect.DeepEqual(c.Expect["error"], CodeUnknown) {
				missing[c.Method]++
			} else if why := judgeCase(t, c); why != "" {
				t.Errorf("%s [%s]: %s", c.ID, c.Method, why)
			} else {
				passed++
			}
		}
		if errors.Is(readErr, io.EOF) {
			break
		}
		if readErr != nil {
			t.Fatal(readErr)
		}
	}
	t.Logf("%d passed; methods that do not exist yet: %v", passed, slices.Sorted(maps.Keys(missing)))
}

func decodeNumbers(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	return dec.Decode(v)
}

// judgeCase asks one question through Run and says how the answer differs, "" if it does not.
func judgeCase(t *testing.T, c aCase) string {
	t.Helper()
	question, err := json.Marshal(map[string]any{"id": c.ID, "method": c.Method, "input": c.Input})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Run(t.Context(), false, bytes.NewReader(question), &out); err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(c.Method, "funnel.") { // the portable engine must give the same to the byte
		var twin bytes.Buffer
		if err := Run(t.Context(), true, bytes.NewReader(question), &twin); err != nil {
			t.Fatal(err)
		}
		if twin.String() != out.String() {
			return fmt.Sprintf("the engines differ: %.200s and %.200s", out.String(), twin.String())
		}
	}
	var answer struct {
		Result map[string]any
		Error  *Error
	}
	if err := decodeNumbers(out.Bytes(), &answer); err != nil {
		return fmt.Sprintf("not an answer: %.80s", out.String())
	}
	if code, ok := c.Expect["error"]; ok && len(c.Expect) == 1 {
		if m, ok := code.(map[string]any); ok {
			code = m["code"]
		}
		if answer.Error == nil || answer.Error.Code != code {
			return fmt.Sprintf("want error %v, got %.80s", code, out.String())
		}
		return ""
	}
	if answer.Error != nil {
		return answer.Error.Code + ": " + answer.Error.Message
	}
	for _, field := range slices.Sorted(maps.Keys(c.Expect)) {
		want, got := c.Expect[field], answer.Result[field]
		if field == "reason" && want != nil && (got == nil || got == "") {
			return "no reason"
		}
		if g, ok := got.(map[string]any); ok && (field == "breakdown" || field == "trend") && len(g) > len(want.(map[string]any)) {
			return field + " has further keys"
		}
		abs, rel := caseTolerance(c.Tol, field)
		if why := caseDiffers(got, want, abs, rel); why != "" {
			return field + ": " + why
		}
	}
	return ""
}

// caseTolerance returns the tolerance of a field: its own, that of all, or that named default.
func caseTolerance(tol map[string]any, field string) (abs, rel float64) {
	t := tol
	_, a := tol["abs"]
	_, r := tol["rel"]
	if own, ok := tol[field].(map[string]any); ok {
		t = own
	} else if !a && !r {
		t, _ = tol["default"].(map[string]any)
	}
	abs, _ = caseNumber(t["abs"])
	rel, _ = caseNumber(t["rel"])
	return abs, rel
}

// caseNumber reads what stands for a number in cases and results.
func caseNumber(v any) (float64, bool) {
	switch x := v.(type) {
	case json.Number:
		f, err := x.Float64()
		return f, err == nil
	case string:
		switch x {
		case "inf", "+inf":
			return math.Inf(1), true
		case "-inf":
			return math.Inf(-1), true
		}
	}
	return 0, false
}

// caseDiffers says how got differs from want.
func caseDiffers(got, want any, abs, rel float64) string {
	switch w := want.(type) {
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("want a list of %d, got %.60v", len(w), got)
		}
		for i := range w {
			if why := caseDiffers(g[i], w[i], abs, rel); why != "" {
				return fmt.Sprintf("[%d] %s", i, why)
			}
		}
		return ""
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("want an object, got %.60v", got)
		}
		for _, k := range slices.Sorted(maps.Keys(w)) {
			if why := caseDiffers(g[k], w[k], abs, rel); why != "" {
				return "." + k + " " + why
			}
		}
		return ""
	}
	w, isNumber := caseNumber(want)
	g, ok := caseNumber(got)
	switch {
	case isNumber && abs == 0 && rel == 0 && asWritten(got, want):
		return ""
	case isNumber && ok && (w == g || math.Abs(g-w) <= abs+rel*math.Abs(w)) && (abs+rel > 0 || !bothWhole(got, want)):
		return ""
	case !isNumber && reflect.DeepEqual(got, want):
		return ""
	}
	return fmt.Sprintf("want %v, got %v", want, got)
}

// asWritten compares numbers as written: whole numbers beyond 2^53 must agree to the last digit.
func asWritten(got, want any) bool { return fmt.Sprint(got) == fmt.Sprint(want) }

func bothWhole(got, want any) bool {
	return !strings.ContainsAny(fmt.Sprint(got), ".eE") && !strings.ContainsAny(fmt.Sprint(want), ".eE")
}

// The comparison itself must be able to say no.
func TestCaseDiffers(t *testing.T) {
	n := func(s string) json.Number { return json.Number(s) }
	for _, c := range []struct {
		got, want any
		abs, rel  float64
		same      bool
	}{
		{n("1"), n("1"), 0, 0, true},
		{n("1.0"), n("1"), 0, 0, true},
		{n("9007199254740993"), n("9007199254740992"), 0, 0, false},
		{n("1.1"), n("1"), 0.2, 0, true},
		{n("1.3"), n("1"), 0.2, 0, false},
		{n("110"), n("100"), 0, 0.1, true},
		{"inf", "inf", 0, 0, true},
		{n("1"), "inf", 0, 0, false},
		{nil, n("0"), 1, 1, false},
		{nil, nil, 0, 0, true},
		{n("0"), nil, 0, 0, false},
		{"a", "b", 0, 0, false},
		{true, true, 0, 0, true},
		{[]any{n("1")}, []any{n("1"), n("2")}, 0, 0, false},
		{[]any{n("1"), n("2")}, []any{n("1"), n("3")}, 0, 0, false},
		{map[string]any{"a": n("1"), "b": n("2")}, map[string]any{"a": n("1")}, 0, 0, true},
		{map[string]any{}, map[string]any{"a": n("1")}, 0, 0, false},
	} {
		if why := caseDiffers(c.got, c.want, c.abs, c.rel); (why == "") != c.same {
			t.Errorf("%v against %v: %q", c.got, c.want, why)
		}
	}
}
