package calc

import (
	"encoding/json"
	"errors"
	"testing"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

type decoded struct {
	N     int64               `json:"n"`
	F     float64             `json:"f" calc:"optional"`
	P     *float64            `json:"p" calc:"optional"`
	S     string              `json:"s" calc:"optional"`
	B     bool                `json:"b" calc:"optional"`
	List  []float64           `json:"list" calc:"optional"`
	Holes []*float64          `json:"holes" calc:"optional"`
	Pair  [2]int64            `json:"pair" calc:"optional"`
	Sub   *decodedSub         `json:"sub" calc:"optional"`
	Map   map[string]int64    `json:"map" calc:"optional"`
	Exact json.Number         `json:"exact" calc:"optional"`
	Raw   json.RawMessage     `json:"raw" calc:"optional"`
	Any   any                 `json:"any" calc:"optional"`
	Wait  referral.Duration   `json:"wait" calc:"optional"`
	Waits []referral.Duration `json:"waits" calc:"optional"`
}

type decodedSub struct {
	X float64 `json:"x"`
}

func TestDecode_accepts(t *testing.T) {
	got, err := decode[decoded](json.RawMessage(`{"n":3.0,"f":0.25,"p":null,"s":"a","b":true,"list":[1,2],"holes":[1,null],
		"pair":[1e2,-4],"sub":{"x":2,"note":"ignored"},"map":{"k":1},"exact":0.1000000000000000000001,"raw":[1, null],
		"any":{"a":1},"wait":"1d","waits":["2h"],"other":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	one := 1.0
	want := decoded{
		N: 3, F: 0.25, S: "a", B: true, List: []float64{1, 2}, Holes: []*float64{&one, nil}, Pair: [2]int64{100, -4},
		Sub: &decodedSub{2}, Map: map[string]int64{"k": 1}, Exact: "0.1000000000000000000001", Raw: json.RawMessage(`[1,null]`),
		Any: map[string]any{"a": json.Number("1")}, Wait: referral.DayLen, Waits: []referral.Duration{2 * referral.Hour},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDecode_refuses(t *testing.T) {
	for in, want := range map[string]string{
		``:                                    "input is missing",
		`[]`:                                  "input: want an object, got []",
		`{}`:                                  "n is missing",
		`{"N":1}`:                             "n is missing", // keys do not fold case
		`{"n":null}`:                          "n: want a whole number, got null",
		`{"n":1.5}`:                           "n: want a whole number, got 1.5",
		`{"n":"1"}`:                           `n: want a whole number, got "1"`,
		`{"n":9223372036854775808}`:           "n: want a whole number, got 9223372036854775808",
		`{"n":1e-400}`:                        "n: want a whole number, got 1e-400",
		`{"n":1e999999999}`:                   "n: want a whole number, got 1e999999999",
		`{"n":1,"f":1e999}`:                   "f: want a number, got 1e999",
		`{"n":1,"f":true}`:                    "f: want a number, got true",
		`{"n":1,"list":[1,null]}`:             "list[1]: want a number, got null",
		`{"n":1,"list":null}`:                 "list: want a list of numbers, got null",
		`{"n":1,"list":7}`:                    "list: want a list of numbers, got 7",
		`{"n":1,"pair":[1]}`:                  "pair: want a list of 2, got 1",
		`{"n":1,"sub":{}}`:                    "sub.x is missing",
		`{"n":1,"sub":[]}`:                    "sub: want an object, got []",
		`{"n":1,"map":{"b":1.5,"a":"x"}}`:     `map.a: want a whole number, got "x"`,
		`{"n":1,"map":[]}`:                    "map: want an object, got []",
		`{"n":1,"exact":"1"}`:                 `exact: want a number, got "1"`,
		`{"n":1,"s":1}`:                       "s: want a text, got 1",
		`{"n":1,"b":0}`:                       "b: want true or false, got 0",
		`{"n":1,"wait":3}`:                    "wait: want a text, got 3",
		`{"n":1,"waits":["2h","soon"]}`:       `waits[1]: "soon" is not a duration: write it like 30d, 36h, 90m or 1d12h`,
		`{"n":1} {"n":2}`:                     "input: more than one JSON value",
		`{"n":1,"list":["` + long(80) + `"]}`: `list[0]: want a number, got "` + long(56) + `…`,
	} {
		_, err := decode[decoded](json.RawMessage(in))
		e := (*Error)(nil)
		if !errors.As(err, &e) || e.Code != CodeInvalid || e.Message != want {
			t.Errorf("%s\n got %v\nwant %s", in, err, want)
		}
	}
}

func long(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

func TestDecodeStrict(t *testing.T) {
	for in, want := range map[string]string{
		`{"n":1,"zz":2,"extra":2}`:      `unknown key "extra"`,
		`{"n":1,"sub":{"x":1,"y":2}}`:   `unknown key "sub.y"`,
		`{"n":1,"sub":{"x":1},"S":"a"}`: `unknown key "S"`,
	} {
		if _, err := decodeStrict[decoded](json.RawMessage(in)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
	if _, err := decodeStrict[decoded](json.RawMessage(`{"n":1,"any":{"what":"ever"},"map":{"ever":1}}`)); err != nil {
		t.Error(err)
	}
}
