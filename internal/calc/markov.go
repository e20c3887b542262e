package calc

import (
	"encoding/json"
	"fmt"
	"math/big"

	"vouch/partners/attribution"
	"vouch/referral"
)

// markovInput is a table of journeys, or counted transitions with the number of conversions.
type markovInput struct {
	Order       int               `json:"order" calc:"optional"`
	Channels    []string          `json:"channels" calc:"optional"`
	Paths       []json.RawMessage `json:"paths" calc:"optional"`
	Conversions json.RawMessage   `json:"conversions" calc:"optional"`
	Nulls       []float64         `json:"nulls" calc:"optional"`
	Values      []int64           `json:"values" calc:"optional"`
	Transitions [][3]any          `json:"transitions" calc:"optional"`
}

func markovMethod() Method {
	return method("attribution.markov", "Removal effect and credit of channels in the absorbing Markov chain of journeys, solved exactly.",
		[]string{"channels", "p_conversion", "removal_effects", "shares", "credits", "states", "transitions", "value_credits", "reason"}, markov)
}

func markov(in markovInput) (any, error) {
	if in.Order == 0 {
		in.Order = 1
	}
	chain, total, err := in.chain()
	if err != nil {
		return nil, err
	}
	r, err := chain.Removal()
	if err != nil {
		return nil, err
	}
	out := map[string]any{
		"channels": chain.Channels, "p_conversion": min(1, r.PConversion), "states": chain.States(),
		"removal_effects": r.Effects, "shares": r.Shares, "credits": nil, "reason": nil,
	}
	if in.Order == 1 {
		steps := [][]any{}
		for _, t := range chain.Transitions() {
			steps = append(steps, []any{t.From, t.To, t.Count})
		}
		out["transitions"] = steps
	}
	if r.Effects == nil {
		out["removal_effects"], out["shares"], out["reason"] = nil, nil, "no_conversions"
		return out, nil
	}
	credits := make([]float64, len(r.Shares))
	for i, s := range r.Shares {
		credits[i] = s * total
	}
	out["credits"] = credits
	if in.Values != nil {
		var sum int64
		for _, v := range in.Values {
			sum += v
		}
		out["value_credits"] = referral.AllocateRat(sum, attribution.RoundedWeights(r.Shares))
	}
	return out, nil
}

// chain builds the chain and returns the number of conversions.
func (in markovInput) chain() (*attribution.Chain, float64, error) {
	if in.Transitions != nil {
		return in.counted()
	}
	var conversions []json.Number
	if in.Conversions != nil {
		if err := json.Unmarshal(in.Conversions, &conversions); err != nil {
			return nil, 0, Invalid("conversions: want a list of numbers")
		}
	}
	t, err := tableInput{Channels: in.Channels, Paths: in.Paths, Conversions: conversions, Values: in.Values}.table(nil)
	if err != nil {
		return nil, 0, err
	}
	if len(in.Nulls) != 0 && len(in.Nulls) != len(t.Journeys) {
		return nil, 0, Invalid("nulls: %d entries for %d paths", len(in.Nulls), len(t.Journeys))
	}
	journeys, total := make([]attribution.MarkovJourney, len(t.Journeys)), new(big.Rat)
	for i, j := range t.Journeys {
		n, _ := j.Conversions.Float64()
		journeys[i] = attribution.MarkovJourney{Path: j.Path, Conversions: n}
		if len(in.Nulls) > 0 {
			journeys[i].Nulls = in.Nulls[i]
		}
		total.Add(total, j.Conversions)
	}
	c, err := attribution.NewChain(t.Channels, journeys, in.Order)
	sum, _ := total.Float64()
	return c, sum, err
}

// counted reads transitions [from, to, count] and the number of conversions.
func (in markovInput) counted() (*attribution.Chain, float64, error) {
	if in.Order != 1 || in.Paths != nil {
		return nil, 0, Invalid("transitions: they have order 1 and go without paths")
	}
	steps := make([]attribution.Transition, len(in.Transitions))
	for i, t := range in.Transitions {
		from, ok1 := t[0].(string)
		to, ok2 := t[1].(string)
		count, ok3 := t[2].(json.Number)
		n, err := count.Float64()
		if !ok1 || !ok2 || !ok3 || err != nil {
			return nil, 0, Invalid("transitions[%d]: want [from, to, count], got %s", i, describe(fmt.Sprint(t)))
		}
		steps[i] = attribution.Transition{From: from, To: to, Count: n}
	}
	var total float64
	if err := json.Unmarshal(in.Conversions, &total); err != nil || !(total >= 0) {
		return nil, 0, Invalid("conversions: want the number of conversions beside transitions")
	}
	c, err := attribution.ChainOf(steps)
	return c, total, err
}
