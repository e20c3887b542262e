package calc

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestMethods_wellFormed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)
	all := Methods()
	for i, m := range all {
		if !name.MatchString(m.Name) {
			t.Errorf("%q is not a method name", m.Name)
		}
		if i > 0 && all[i-1].Name >= m.Name {
			t.Errorf("%q follows %q: names are unique and sorted", m.Name, all[i-1].Name)
		}
		if !strings.HasSuffix(m.Doc, ".") || strings.Contains(m.Doc, "\n") {
			t.Errorf("%s: the doc is one sentence: %q", m.Name, m.Doc)
		}
		if len(m.Input) == 0 || len(m.Output) == 0 || m.Run == nil {
			t.Errorf("%s: fields of input and output must be named", m.Name)
		}
	}
}

// TestMethods_refuseNonsense sends every method inputs that cannot be right: each must refuse them
// as the caller's fault, and none may panic.
func TestMethods_refuseNonsense(t *testing.T) {
	for _, m := range Methods() {
		for _, in := range []string{``, `null`, `[]`, `7`, `"x"`, `true`, `{"unknown_key":1}`} {
			line := `{"id":1,"method":"` + m.Name + `"`
			if in != "" {
				line += `,"input":` + in
			}
			var out bytes.Buffer
			if err := Run(t.Context(), false, strings.NewReader(line+"}"), &out); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(out.String(), `{"id":1,"error":{"code":"invalid_input"`) {
				t.Errorf("%s of %s: %s", m.Name, in, out.String())
			}
		}
	}
}

func TestList(t *testing.T) {
	var a, b bytes.Buffer
	if err := List(&a); err != nil {
		t.Fatal(err)
	}
	if err := List(&b); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Error("two listings differ")
	}
	var names []string
	for line := range strings.Lines(a.String()) {
		if line != "\n" && !strings.HasPrefix(line, " ") {
			names = append(names, strings.TrimSpace(line))
		}
	}
	var want []string
	for _, m := range Methods() {
		want = append(want, m.Name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("listed %v, want %v", names, want)
	}
	if err := List(failing{io.ErrShortWrite}); err == nil && len(want) > 0 {
		t.Error("a failed write was not reported")
	}
}

func TestFields(t *testing.T) {
	type base struct {
		A []int64 `json:"a"`
	}
	type input struct {
		base
		B [][]string `json:"b" calc:"optional"`
		C bool       `json:"c"`
		d int
		E int `json:"-"`
	}
	want := []Field{
		{Name: "a", Type: "list of whole numbers"},
		{Name: "b", Type: "list of lists of texts", Optional: true},
		{Name: "c", Type: "true or false"},
	}
	if got := fields[input](); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	_ = input{d: 1}
}
