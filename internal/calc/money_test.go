package calc

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// answerTo answers one question and returns the line without its id.
func answerTo(t *testing.T, method, input string) string {
	t.Helper()
	var out bytes.Buffer
	if err := Run(t.Context(), false, strings.NewReader(`{"id":1,"method":"`+method+`","input":`+input+`}`), &out); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(out.String()), `{"id":1,`), `}`)
}

// TestMoney_answers shows whole answers: the names, order and types of fields are the contract.
func TestMoney_answers(t *testing.T) {
	for _, c := range []struct{ method, input, want string }{
		{"money.round", `{"values":["1.5","-1.5"],"currency":"JPY"}`, `"result":{"amounts":[2,-2]}`},
		{"money.round", `{"values":[]}`, `"result":{"amounts":[]}`},
		{
			"money.sum", `{"amounts":[{"amount":1000,"currency":"USD"},{"amount":5,"currency":"EUR"}],"to":"EUR","rates":[{"from":"USD","to":"EUR","rate":0.9}]}`,
			`"result":{"amount":905,"currency":"EUR","converted":[900,5]}`,
		},
		{"commission.percent", `{"amounts":[],"rate":[]}`, `"result":{"commissions":[],"total":0}`},
		{
			"commission.tier.forward", `{"actions":[100,100],"tiers":[{"from":0,"rate":0.1},{"from":100,"rate":0.3}],"opening_total":0}`,
			`"result":{"commissions":[10,30],"total":40,"bonus":20,"tier":[0,1],"effective_rate":0.2,"reason":null}`,
		},
		{
			"commission.tier.age", `{"actions":[],"age_months":[],"tiers":[{"from":0,"rate":0.1}]}`,
			`"result":{"commissions":[],"total":0,"bonus":0,"tier":[],"effective_rate":null,"reason":"no_revenue"}`,
		},
		{"commission.cap", `{"amounts":[5,1],"period_cap":5,"lifetime_cap":null}`, `"result":{"paid":[5,0],"withheld":[0,1],"reasons":[null,"cap_period"],"total":5}`},
		{"commission.recurring", `{"max_months":null,"months_since_first":[0,99]}`, `"result":{"months":[0,99],"pays":[true,true]}`},
		{"commission.clawback", `{"original_amount":10,"original_commission":3,"refunds":[]}`, `"result":{"entries":[],"remaining_commission":3}`},
		{"commission.priority", `{"default":5,"tier_increase":0.1}`, `"result":{"payout":6,"source":"default"}`},
		{
			"commission.backtest", `{"revenue":[],"plans":[{"name":"a","kind":"flat","rate":0.1}]}`,
			`"result":{"names":["a"],"per_row":[[]],"totals":[0],"change":[0],"rows_changed":[0],"effective_rates":[null],"reason":"no_revenue","cliffs":[[]]}`,
		},
	} {
		if got := answerTo(t, c.method, c.input); got != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.method, c.input, got, c.want)
		}
	}
}

func TestMoney_refusals(t *testing.T) {
	for _, c := range []struct{ method, input, code string }{
		{"money.round", `{"values":["1,5"]}`, CodeInvalid},
		{"money.round", `{"values":[1.5]}`, CodeInvalid},
		{"money.round", `{"values":["1"],"rounding":"up"}`, CodeInvalid},
		{"money.round", `{"values":["1"],"currency":"eur"}`, CodeInvalid},
		{"money.round", `{"values":["1e30"]}`, CodeInvalid},
		{"money.allocate", `{"amount":1.5,"weights":[1]}`, CodeInvalid},
		{"money.allocate", `{"amount":1,"weights":["1"]}`, CodeInvalid},
		{"money.allocate", `{"amount":1,"weights":[null]}`, CodeInvalid},
		{"money.allocate", `{"amount":1,"weights":[1e999999]}`, CodeInvalid},
		{"money.sum", `{"amounts":[{"amount":1,"currency":"EUR"},{"amount":1,"currency":"USD"}]}`, CodeCurrency},
		{"money.sum", `{"amounts":[{"amount":1,"currency":"EUR"}],"to":"USD","rates":[{"from":"USD","to":"EUR","rate":1}]}`, CodeCurrency},
		{"money.sum", `{"amounts":[{"amount":1,"currency":"EUR"}],"to":"USD","rates":[{"from":"EUR","to":"USD","rate":0}]}`, CodeInvalid},
		{"money.sum", `{"amounts":[{"amount":1,"currency":"EUR"}],"to":"USD","rates":[{"from":"EUR","to":"USD","rate":1},{"from":"EUR","to":"USD","rate":2}]}`, CodeInvalid},
		{"money.sum", `{"amounts":[{"amount":1,"currency":"Euro"}]}`, CodeInvalid},
		{"commission.percent", `{"amounts":[1],"rate":-0.1}`, CodeInvalid},
		{"commission.percent", `{"amounts":[1,2],"rate":[0.1]}`, CodeInvalid},
		{"commission.percent", `{"amounts":[1],"rate":null}`, CodeInvalid},
		{"commission.percent", `{"amounts":[1],"rate":[null]}`, CodeInvalid},
		{"commission.tier.marginal", `{"basis":"weight","actions":[1],"tiers":[{"from":0,"rate":0.1}]}`, CodeInvalid},
		{"commission.tier.marginal", `{"tiers":[{"from":0,"rate":0.1}]}`, CodeInvalid},
		{"commission.tier.marginal", `{"basis":"count","tiers":[{"from":0,"payout":1}]}`, CodeInvalid},
		{"commission.tier.marginal", `{"basis":"count","count":2,"tiers":[{"from":0,"payout":1.5}]}`, CodeInvalid},
		{"commission.tier.forward", `{"basis":"count","count":2,"tiers":[{"from":0,"payout":1}]}`, CodeInvalid},
		{"commission.tier.forward", `{"actions":[-1],"tiers":[{"from":0,"rate":0.1}]}`, CodeInvalid},
		{"commission.tier.age", `{"actions":[1],"age_months":[],"tiers":[{"from":0,"rate":0.1}]}`, CodeInvalid},
		{"commission.cap", `{"amounts":[1],"period_cap":-1}`, CodeInvalid},
		{"commission.cap", `{"amounts":[1],"periods":[]}`, CodeInvalid},
		{"commission.recurring", `{"months_since_first":[0]}`, CodeInvalid},
		{"commission.recurring", `{"max_months":1,"months_since_first":[0],"first":"2024-01-01"}`, CodeInvalid},
		{"commission.recurring", `{"max_months":1,"first":"2024-01-01"}`, CodeInvalid},
		{"commission.recurring", `{"max_months":1,"first":"2024-01-32","sales":[]}`, CodeInvalid},
		{"commission.recurring", `{"max_months":1,"first":"2024-01-01","sales":["soon"]}`, CodeInvalid},
		{"commission.lock_and_pay", `{"action_date":"2024-01-01","lock_days":-1}`, CodeInvalid},
		{"commission.clawback", `{"original_amount":1,"original_commission":1,"refunds":[1],"rounding":"x"}`, CodeInvalid},
		{"commission.recognition", `{"levels":[{"name":"a","from":0},{"name":"a","from":5}],"points":[1]}`, CodeInvalid},
		{"commission.milestone", `{"milestones":[{"name":"a","event":"e","per":"customer"}],"events":[]}`, CodeInvalid},
		{"commission.priority", `{"default":-1}`, CodeInvalid},
		{"commission.backtest", `{"revenue":[1],"plans":[]}`, CodeInvalid},
		{"commission.backtest", `{"revenue":[1],"plans":[{"name":"a","kind":"flat","tiers":[{"from":0,"rate":0.1}]}]}`, CodeInvalid},
		{"commission.backtest", `{"revenue":[1],"plans":[{"name":"a","kind":"magic","tiers":[{"from":0,"rate":0.1}]}]}`, CodeInvalid},
	} {
		got := answerTo(t, c.method, c.input)
		var answer struct{ Error Error }
		if err := json.Unmarshal([]byte(`{`+got+`}`), &answer); err != nil || answer.Error.Code != c.code || answer.Error.Message == "" {
			t.Errorf("%s %s\n got %s\nwant %s", c.method, c.input, got, c.code)
		}
	}
}
