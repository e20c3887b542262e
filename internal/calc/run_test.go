package calc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is a registry of small methods that behave and misbehave in known ways.
func sample() *calculator {
	type pair struct {
		A float64 `json:"a"`
		B float64 `json:"b"`
	}
	return &calculator{methods: byName([]Method{
		method("test.divide", "Divides a by b.", []string{"q"}, func(in pair) (any, error) {
			return map[string]any{"q": in.A / in.B}, nil
		}),
		method("test.panic", "Panics.", []string{"none"}, func(pair) (any, error) { panic("boom") }),
		method("test.plain", "Fails with a plain error.", []string{"none"}, func(pair) (any, error) {
			return nil, errors.New("a must be even")
		}),
		method("test.coded", "Fails with a code.", []string{"none"}, func(pair) (any, error) {
			return nil, &Error{Code: CodeCurrency, Message: "no rate"}
		}),
		method("test.odd", "Returns what JSON cannot hold.", []string{"none"}, func(pair) (any, error) {
			return map[int]int{1: 2}, nil
		}),
	})}
}

func answers(t *testing.T, in string) string {
	t.Helper()
	var out bytes.Buffer
	if err := sample().run(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRun_lines(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty": {"", ""},
		"blank lines are skipped": {
			"\n  \n{\"id\":1,\"method\":\"test.divide\",\"input\":{\"a\":1,\"b\":2}}\n\r\n",
			`{"id":1,"result":{"q":0.5}}` + "\n",
		},
		"no line feed at the end":     {`{"id":"x","method":"test.divide","input":{"a":1,"b":2}}`, `{"id":"x","result":{"q":0.5}}` + "\n"},
		"byte order mark":             {"\ufeff" + `{"id":1,"method":"test.divide","input":{"a":1,"b":2}}`, `{"id":1,"result":{"q":0.5}}` + "\n"},
		"an id is echoed as it came":  {`{"id": {"a" : [1, 2.50]},"method":"test.divide","input":{"a":1,"b":2}}`, `{"id":{"a":[1,2.50]},"result":{"q":0.5}}` + "\n"},
		"no id":                       {`{"method":"test.divide","input":{"a":1,"b":2}}`, `{"id":null,"result":{"q":0.5}}` + "\n"},
		"other keys are ignored":      {`{"id":1,"expect":3,"method":"test.divide","input":{"a":1,"b":2}}`, `{"id":1,"result":{"q":0.5}}` + "\n"},
		"infinite is null":            {`{"id":1,"method":"test.divide","input":{"a":1,"b":0}}`, `{"id":1,"result":{"q":null}}` + "\n"},
		"not JSON":                    {"{nope", `{"id":null,"error":{"code":"invalid_input","message":"the line is not a JSON object with id, method and input"}}` + "\n"},
		"two values":                  {`{"id":1} {"id":2}`, `{"id":null,"error":{"code":"invalid_input","message":"the line is not a JSON object with id, method and input"}}` + "\n"},
		"a list":                      {`[1]`, `{"id":null,"error":{"code":"invalid_input","message":"the line is not a JSON object with id, method and input"}}` + "\n"},
		"null":                        {`null`, `{"id":null,"error":{"code":"invalid_input","message":"the line is not a JSON object with id, method and input"}}` + "\n"},
		"not UTF-8":                   {"{\"id\":\"\xff\"}", `{"id":null,"error":{"code":"invalid_input","message":"the line is not UTF-8"}}` + "\n"},
		"method missing":              {`{"id":1}`, `{"id":1,"error":{"code":"invalid_input","message":"method is missing: name one of those that ` + "`vouch calc --list`" + ` prints"}}` + "\n"},
		"method not a text":           {`{"id":1,"method":7}`, `{"id":1,"error":{"code":"invalid_input","message":"method is missing: name one of those that ` + "`vouch calc --list`" + ` prints"}}` + "\n"},
		"unknown method":              {`{"id":1,"method":"test.devide","input":{}}`, `{"id":1,"error":{"code":"unknown_method","message":"unknown method \"test.devide\" (did you mean \"test.divide\"?)"}}` + "\n"},
		"unknown and far":             {`{"id":1,"method":"zzzzzzzzzzzzzz","input":{}}`, `{"id":1,"error":{"code":"unknown_method","message":"unknown method \"zzzzzzzzzzzzzz\""}}` + "\n"},
		"input missing":               {`{"id":1,"method":"test.divide"}`, `{"id":1,"error":{"code":"invalid_input","message":"input is missing"}}` + "\n"},
		"input null":                  {`{"id":1,"method":"test.divide","input":null}`, `{"id":1,"error":{"code":"invalid_input","message":"input: want an object, got null"}}` + "\n"},
		"panic":                       {`{"id":1,"method":"test.panic","input":{"a":1,"b":2}}`, `{"id":1,"error":{"code":"internal","message":"test.panic: boom"}}` + "\n"},
		"plain error":                 {`{"id":1,"method":"test.plain","input":{"a":1,"b":2}}`, `{"id":1,"error":{"code":"invalid_input","message":"a must be even"}}` + "\n"},
		"coded error":                 {`{"id":1,"method":"test.coded","input":{"a":1,"b":2}}`, `{"id":1,"error":{"code":"currency_mismatch","message":"no rate"}}` + "\n"},
		"a result that is not JSON":   {`{"id":1,"method":"test.odd","input":{"a":1,"b":2}}`, `{"id":1,"error":{"code":"internal","message":"write result: a map of int cannot be a JSON object"}}` + "\n"},
		"bad lines leave others be":   {"x\n" + `{"id":2,"method":"test.panic","input":{"a":1,"b":2}}` + "\n" + `{"id":3,"method":"test.divide","input":{"a":1,"b":2}}`, `{"id":null,"error":{"code":"invalid_input","message":"the line is not a JSON object with id, method and input"}}` + "\n" + `{"id":2,"error":{"code":"internal","message":"test.panic: boom"}}` + "\n" + `{"id":3,"result":{"q":0.5}}` + "\n"},
		"text is not escaped as HTML": {`{"id":"<&>","method":"test.<","input":{}}`, `{"id":"<&>","error":{"code":"unknown_method","message":"unknown method \"test.<\""}}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, answers(t, c.in)); d != "" {
				t.Errorf("want -, got +\n%s", d)
			}
		})
	}
}

func TestRun_longLine(t *testing.T) {
	long := `{"id":1,"note":"` + strings.Repeat("a", 5<<20) + `","method":"test.divide","input":{"a":1,"b":2}}`
	want := `{"id":1,"result":{"q":0.5}}` + "\n"
	if got := answers(t, long+"\n"+long); got != want+want {
		t.Errorf("got %.200s", got)
	}
}

// TestRun_answersBeforeTheNextQuestion holds a conversation: the second line is written only after
// the first answer was read. Without a flush per line both sides would wait for ever.
func TestRun_answersBeforeTheNextQuestion(t *testing.T) {
	qr, qw := io.Pipe()
	ar, aw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- errors.Join(sample().run(context.Background(), qr, aw), aw.Close())
	}()
	dec := json.NewDecoder(ar)
	for i := range 3 {
		if _, err := io.WriteString(qw, `{"id":7,"method":"test.divide","input":{"a":1,"b":2}}`+"\n"); err != nil {
			t.Fatal(err)
		}
		var got struct{ ID int }
		if err := dec.Decode(&got); err != nil || got.ID != 7 {
			t.Fatalf("answer %d: %v, %v", i, got, err)
		}
	}
	if err := qw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestRun_readAndWriteErrors(t *testing.T) {
	boom := errors.New("disk gone")
	err := sample().run(t.Context(), io.MultiReader(strings.NewReader("x\n"), failing{boom}), io.Discard)
	if !errors.Is(err, boom) {
		t.Errorf("read: %v", err)
	}
	if err := sample().run(t.Context(), strings.NewReader("x\n"), failing{boom}); !errors.Is(err, boom) {
		t.Errorf("write: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sample().run(ctx, strings.NewReader("x\n"), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("context: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestEncode(t *testing.T) {
	type inner struct {
		X float64 `json:"x"`
	}
	type outer struct {
		inner
		Y    *float64          `json:"y"`
		List []float64         `json:"list"`
		None []float64         `json:"none,omitempty"`
		Any  map[string]any    `json:"any"`
		Raw  json.RawMessage   `json:"raw"`
		Skip string            `json:"-"`
		Inf  Extended          `json:"inf"`
		Num  json.Number       `json:"num"`
		Text map[string]string `json:"text"`
	}
	nan := math.NaN()
	got, err := encode(outer{
		inner: inner{math.Inf(1)}, Y: &nan, List: []float64{1, nan, 2.5},
		Any: map[string]any{"b": nil, "a": []any{true, "<"}}, Raw: json.RawMessage(`{"k":1}`),
		Inf: Extended(math.Inf(-1)), Num: "12345678901234567890", Skip: "no",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"x":null,"y":null,"list":[1,null,2.5],"any":{"a":[true,"<"],"b":null},"raw":{"k":1},"inf":"-inf","num":12345678901234567890,"text":null}`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	type late struct {
		A int `json:"a,omitempty"`
		inner
		B int `json:"b"`
	}
	if got, err := encode(late{inner: inner{1}}); err != nil || string(got) != `{"x":1,"b":0}` {
		t.Errorf("%s, %v", got, err)
	}
}

// FuzzRun feeds arbitrary bytes: there is one answer per line that is not blank, each answer is one
// JSON object, and nothing crashes.
func FuzzRun(f *testing.F) {
	f.Add([]byte(`{"id":1,"method":"test.divide","input":{"a":1,"b":2}}` + "\n"))
	f.Add([]byte("\ufeff\n\r\n{}\nnull\n[]\n{\"id\":1e999,\"method\":\"test.divide\",\"input\":{\"a\":1e999,\"b\":-0}}"))
	f.Add([]byte("{\"id\":\"\\ud800\",\"method\":\"test.panic\",\"input\":{\"a\":[],\"b\":{}}}\n\x00\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		if err := sample().run(t.Context(), bytes.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, line := range bytes.Split(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf")), []byte("\n")) {
			if len(bytes.TrimSpace(line)) > 0 {
				want++
			}
		}
		got := 0
		for line := range bytes.Lines(out.Bytes()) {
			var o map[string]json.RawMessage
			if err := json.Unmarshal(line, &o); err != nil || len(o) != 2 || o["id"] == nil {
				t.Fatalf("answer %q: %v", line, err)
			}
			got++
		}
		if got != want {
			t.Fatalf("%d answers to %d lines", got, want)
		}
	})
}
