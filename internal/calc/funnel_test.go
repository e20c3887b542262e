package calc

import (
	"bytes"
	"strings"
	"testing"
)

// TestFunnelCount_refuses holds the shape of the input: nothing misspelt passes for an option.
func TestFunnelCount_refuses(t *testing.T) {
	const steps = `"steps":[{"any_of":[[{"field":"event","op":"=","value":"a"}]]},{"any_of":[[]]}]`
	for name, input := range map[string]string{
		"unknown key":         `{"funnel":{` + steps + `},"events":[],"person":1}`,
		"unknown funnel key":  `{"funnel":{` + steps + `,"Window":5},"events":[]}`,
		"unknown step key":    `{"funnel":{"steps":[{"any_of":[[]],"event":"a"}]},"events":[]}`,
		"no events":           `{"funnel":{` + steps + `}}`,
		"empty order":         `{"funnel":{` + steps + `,"order":""},"events":[]}`,
		"fractional window":   `{"funnel":{` + steps + `,"window":1.5},"events":[]}`,
		"window as text":      `{"funnel":{` + steps + `,"window":"5"},"events":[]}`,
		"short row":           `{"funnel":{` + steps + `},"events":[["p",1,"a"]]}`,
		"row without person":  `{"funnel":{` + steps + `},"events":[["",1,"a",{}]]}`,
		"fractional time":     `{"funnel":{` + steps + `},"events":[["p",1.5,"a",{}]]}`,
		"time beyond 64 bits": `{"funnel":{` + steps + `},"events":[["p",9223372036854775808,"a",{}]]}`,
		"identity cycle":      `{"funnel":{` + steps + `},"events":[],"identity":{"x":"y","y":"x"}}`,
		"empty step name":     `{"funnel":{"steps":[{"name":"","any_of":[[]]}]},"events":[]}`,
		"clashing default":    `{"funnel":{"steps":[{"name":"step2","any_of":[[]]},{"any_of":[[]]}]},"events":[]}`,
		"step zero":           `{"funnel":{` + steps + `,"breakdown":{"property":"prop.x","attribution":"all","step":0}},"events":[]}`,
	} {
		var out bytes.Buffer
		if err := Run(t.Context(), false, strings.NewReader(`{"id":1,"method":"funnel.count","input":`+input+`}`), &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `"code":"invalid_input"`) {
			t.Errorf("%s is accepted: %s", name, out.String())
		}
	}
}

// TestFunnelCount_ends counts where sums of times and windows leave 64 bits.
func TestFunnelCount_ends(t *testing.T) {
	for name, c := range map[string]struct{ input, want string }{
		"window beyond the range": {`{"funnel":{"steps":[{"any_of":[[{"field":"event","op":"=","value":"a"}]]},{"any_of":[[{"field":"event","op":"=","value":"b"}]]}],
			"window":9223372036854775807},"events":[["p",9223372036854775806,"a",{}],["p",9223372036854775807,"b",{}]]}`, `"step_counts":[1,1]`},
		"difference beyond the range": {`{"funnel":{"steps":[{"any_of":[[{"field":"event","op":"=","value":"a"}]]},{"any_of":[[{"field":"event","op":"=","value":"b"}]]}],
			"window":9223372036854775807},"events":[["p",-9223372036854775808,"a",{}],["p",9223372036854775807,"b",{}]]}`, `"step_counts":[1,0]`},
		"no window": {`{"funnel":{"steps":[{"any_of":[[{"field":"event","op":"=","value":"a"}]]},{"any_of":[[{"field":"event","op":"=","value":"b"}]],"min_gap":9223372036854775807}]},
			"events":[["p",-9223372036854775808,"a",{}],["p",9223372036854775807,"b",{}]]}`, `"step_counts":[1,1]`},
		"written with a point": {`{"funnel":{"steps":[{"any_of":[[]]}],"window":5.0},"events":[["p",1e3,"a",{}]]}`, `"step_counts":[1]`},
	} {
		var out bytes.Buffer
		line := `{"id":1,"method":"funnel.count","input":` + strings.ReplaceAll(strings.ReplaceAll(c.input, "\n", ""), "\t", "") + `}`
		if err := Run(t.Context(), false, strings.NewReader(line), &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: want %s, got %s", name, c.want, out.String())
		}
	}
}
