package ingesttest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/ingest/ingesttest"
)

// A runner that passes what differs would make every case worthless.
func TestDifferences(t *testing.T) {
	got := map[string]any{"n": 3, "rate": 0.25, "list": []any{1, "x"}, "none": nil, "in": map[string]any{"a": true}}
	for _, c := range []struct {
		want string
		diff []string
	}{
		{`{"n":3,"rate":0.2500000000001,"list":[1,"x"],"none":null,"in":{"a":true}}`, nil},
		{`{"in":{}}`, nil},
		{`{"n":4}`, []string{".n: want 4, got 3"}},
		{`{"rate":0.250001}`, []string{".rate: want 0.250001, got 0.25"}},
		{`{"none":0}`, []string{".none: want 0, got <nil>"}},
		{`{"absent":null}`, []string{".absent: want <nil>, which is not there"}},
		{`{"list":[1]}`, []string{".list: want [1], got [1 x]"}},
		{`{"list":[2,"y"]}`, []string{".list[0]: want 2, got 1", ".list[1]: want y, got x"}},
		{`{"in":[1]}`, []string{".in: want [1], got map[a:true]"}},
		{`{"n":{"a":1}}`, []string{".n: want map[a:1], got 3"}},
		{`{"in":{"a":"true"}}`, []string{".in.a: want true, got true"}},
	} {
		if d := cmp.Diff(c.diff, ingesttest.Differences(t, c.want, got)); d != "" {
			t.Errorf("%s (-want +got)\n%s", c.want, d)
		}
	}
}

func TestParse(t *testing.T) {
	c := ingesttest.Parse([]byte("# note\n-- events.csv --\na\n-- costs.csv --\nb\n-- question.json --\nq\n-- answer.json --\nx\n-- answer.csv --\ny\n"))
	want := ingesttest.Case{Inputs: map[string]string{"events.csv": "a\n", "costs.csv": "b\n"}, Question: "q\n", Answer: "x\n", Rows: "y\n"}
	if d := cmp.Diff(want, c); d != "" {
		t.Error(d)
	}
}
