package calc

import (
	"bytes"
	"strings"
	"testing"
)

// What sequential methods refuse and what they leave open, in the words of the output.
func TestSequential_edges(t *testing.T) {
	const arms = `"control":{"n":50,"mean":1,"variance":2},"treatment":{"n":50,"mean":1.5,"variance":2}`
	for _, c := range []struct{ method, input, want string }{
		{"boundary.pocock", `{"looks":3,"alpha_per_side":0.025,"sides":null}`, `invalid_input`},
		{"boundary.pocock", `{"looks":3,"alpha_per_side":0.025,"sides":1.5}`, `invalid_input`},
		{"boundary.pocock", `{"looks":3.5,"alpha_per_side":0.025}`, `invalid_input`},
		{"boundary.pocock", `{"looks":3}`, `alpha_per_side is missing`},
		{"boundary.obrien_fleming", `{"looks":1000000,"alpha_per_side":0.025}`, `invalid_input`},
		{"boundary.obrien_fleming", `{"looks":1,"alpha_per_side":0.025}`, `"critical":[1.95996398454005`},
		{"inflation.pocock", `{"looks":3,"alpha_per_side":0.025,"power":0.01}`, `invalid_input`},
		{"inflation.pocock", `{"looks":3,"alpha_per_side":0.025,"power":0.8,"sides":3}`, `invalid_input`},
		{"boundary.kim_demets", `{"information":[0.5,1],"alpha_per_side":0.025,"rho":0}`, `invalid_input`},
		{"boundary.kim_demets", `{"information":[0.5,1],"alpha_per_side":0.025}`, `rho is missing`},
		{"boundary.hwang_shih_decani", `{"information":[0.5,1],"alpha_per_side":0.025,"gamma":0}`, `"cumulative_alpha":[0.0125,0.025]`},
		{"boundary.hwang_shih_decani", `{"information":[0.5,1],"alpha_per_side":0.025,"gamma":0,"sides":0}`, `invalid_input`},
		{"boundary.lan_demets_obf", `{"information":[],"alpha_per_side":0.025}`, `invalid_input`},
		{"boundary.lan_demets_obf", `{"information":[0.5,1.2],"alpha_per_side":0.025}`, `invalid_input`},
		{"boundary.lan_demets_obf", `{"information":[0.0001],"alpha_per_side":0.025}`, `{"critical":[null],"cumulative_alpha":[0],"reason":"unbounded"}`},
		{"confidence_sequence.asymptotic", `{` + arms + `}`, `tuning_n is missing`},
		{"confidence_sequence.asymptotic", `{` + arms + `,"tuning_n":100,"scale":"log"}`, `invalid_input`},
		{"confidence_sequence.asymptotic", `{` + arms + `,"tuning_n":100,"confidence":0.4,"alternative":"less"}`, `invalid_input`},
		{"confidence_sequence.asymptotic", `{"control":{"n":1,"mean":1,"variance":0},"treatment":{"n":50,"mean":1.5,"variance":2},"tuning_n":9}`, `{"estimate":0.5,"se":null,"lower":null,"upper":null,"p_value":null,"ln_p_value":null,"reason":"insufficient_data"}`},
		{"confidence_sequence.asymptotic", `{"control":{"successes":0,"trials":9},"treatment":{"successes":9,"trials":9},"tuning_n":9}`, `"reason":"zero_variance"`},
		{"confidence_sequence.width_ratio", `{"n":0.5,"tuning_n":9}`, `invalid_input`},
		{"confidence_sequence.beta_binomial", `{"successes":0,"trials":0,"tuning_n":9}`, `"reason":"insufficient_data"`},
		{"confidence_sequence.beta_binomial", `{"successes":3,"trials":2,"tuning_n":9}`, `invalid_input`},
		{"mixture.normal", `{"s":1,"v":-1,"tuning_v":1}`, `invalid_input`},
		{"msprt.normal", `{"z":100,"n":1000,"variance":1,"mixing_variance":1}`, `{"likelihood_ratio":null,"ln_likelihood_ratio":4991.5`},
		{"msprt.normal", `{"z":1,"n":1000,"variance":-1,"mixing_variance":1}`, `invalid_input`},
	} {
		var out bytes.Buffer
		if err := Run(t.Context(), false, strings.NewReader(`{"id":1,"method":"sequential.`+c.method+`","input":`+c.input+`}`), &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%s %s\n\tgives %s\twant %s", c.method, c.input, out.String(), c.want)
		}
	}
}
