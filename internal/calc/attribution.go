package calc

import (
	"encoding/json"
	"math/big"
	"slices"

	"vouch/partners/attribution"
)

// tableInput is a table of journeys in columns: attribution.heuristic and attribution.shapley.set.
type tableInput struct {
	Channels    []string          `json:"channels" calc:"optional"`
	Paths       []json.RawMessage `json:"paths"`
	Conversions []json.Number     `json:"conversions" calc:"optional"`
	Values      []int64           `json:"values" calc:"optional"`
}

type heuristicInput struct {
	tableInput
	ruleInput
	Ages [][]float64 `json:"ages" calc:"optional"`
}

type ruleInput struct {
	Model    string       `json:"model"`
	First    *json.Number `json:"first" calc:"optional"`
	Last     *json.Number `json:"last" calc:"optional"`
	HalfLife float64      `json:"half_life" calc:"optional"`
	Step     string       `json:"step" calc:"optional"`
	Direct   string       `json:"direct" calc:"optional"`
}

type weightsInput struct {
	ruleInput
	Touches int       `json:"touches" calc:"optional"`
	Ages    []float64 `json:"ages" calc:"optional"`
	Value   *int64    `json:"value" calc:"optional"`
}

type gameInput struct {
	Players []string  `json:"players"`
	V       []float64 `json:"v"`
}

type dropInput struct {
	Path []string           `json:"path"`
	P    map[string]float64 `json:"p"`
}

func attributionMethods() []Method {
	credits := []string{"channels", "credits", "total_conversions", "value_credits"}
	return []Method{
		markovMethod(),
		method("attribution.heuristic", "Credit of channels by first, last, linear, position, time_decay or last_non_direct touch.", credits,
			func(in heuristicInput) (any, error) {
				rule, err := in.rule()
				if err != nil {
					return nil, err
				}
				return in.credit(rule, in.Ages)
			}),
		method("attribution.shapley.set", "Credit of each journey split equally over its distinct channels.", credits,
			func(in tableInput) (any, error) {
				return in.credit(attribution.Heuristic{Model: attribution.ShapleySet}, nil)
			}),
		method("attribution.touch_weights", "Weights of the touches of one journey by position or time_decay.",
			[]string{"weights", "relative", "amounts_exact", "amounts"}, touchWeights),
		method("attribution.shapley.characteristic", "Shapley value of each player of a game given by all its coalitions.",
			[]string{"values", "total"}, func(in gameInput) (any, error) {
				values, err := attribution.Shapley(len(in.Players), in.V)
				if err != nil {
					return nil, err
				}
				return map[string]any{"values": values, "total": in.V[len(in.V)-1]}, nil
			}),
		method("attribution.drop_one", "Share of each touch by what the probability of conversion loses without it.",
			[]string{"marginals", "shares", "fallback"}, func(in dropInput) (any, error) {
				m, s, last, err := attribution.DropOne(in.Path, in.P)
				if err != nil {
					return nil, err
				}
				out := map[string]any{"marginals": m, "shares": s, "fallback": nil}
				if last {
					out["fallback"] = "last_touch"
				}
				return out, nil
			}),
	}
}

// rule reads the options of a heuristic; shares are exact decimals.
func (in ruleInput) rule() (attribution.Heuristic, error) {
	h := attribution.Heuristic{Model: in.Model, HalfLife: in.HalfLife, Direct: in.Direct}
	switch in.Step {
	case "":
	case "floor":
		h.Floor = true
	default:
		return h, Invalid("step: %q is not known; floor or nothing", in.Step)
	}
	for _, s := range []struct {
		text *json.Number
		into **big.Rat
	}{{in.First, &h.FirstShare}, {in.Last, &h.LastShare}} {
		if s.text != nil {
			r, err := rational(*s.text)
			if err != nil {
				return h, err
			}
			*s.into = r
		}
	}
	return h, h.Check()
}

// rational reads a decimal literal exactly. Exponents are bounded, because 1e999999999 would be
// written out.
func rational(n json.Number) (*big.Rat, error) {
	if f, err := n.Float64(); err != nil || len(n) > 400 || f != 0 && (f < 1e-300 && f > -1e-300) {
		return nil, Invalid("%s is out of range", n)
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return nil, Invalid("%s is not a number", n)
	}
	return r, nil
}

// credit runs a model over the table.
func (in tableInput) credit(h attribution.Heuristic, ages [][]float64) (any, error) {
	t, err := in.table(ages)
	if err != nil {
		return nil, err
	}
	c, err := t.Credit(h)
	if err != nil {
		return nil, err
	}
	total, _ := c.Total.Float64()
	out := map[string]any{"channels": t.Channels, "credits": floats(c.Credits), "total_conversions": total}
	if in.Values != nil {
		out["value_credits"] = c.ValueMinor
	}
	return out, nil
}

func (in tableInput) table(ages [][]float64) (attribution.Table, error) {
	paths, names, err := in.paths()
	if err != nil {
		return attribution.Table{}, err
	}
	t := attribution.Table{Channels: names}
	for _, list := range []struct {
		name    string
		entries int
	}{{"conversions", len(in.Conversions)}, {"values", len(in.Values)}, {"ages", len(ages)}} {
		if list.entries != 0 && list.entries != len(paths) {
			return t, Invalid("%s: %d entries for %d paths", list.name, list.entries, len(paths))
		}
	}
	for i, p := range paths {
		j := attribution.Journey{Path: p, Conversions: big.NewRat(1, 1)}
		if len(in.Conversions) > 0 {
			if j.Conversions, err = rational(in.Conversions[i]); err != nil {
				return t, err
			}
		}
		if len(in.Values) > 0 {
			j.ValueMinor = in.Values[i]
		}
		if len(ages) > 0 {
			j.Ages = ages[i]
		}
		t.Journeys = append(t.Journeys, j)
	}
	return t, nil
}

// paths turns names or indexes into indexes. Without a channels array the names found are the
// channels, ascending by bytes.
func (in tableInput) paths() ([][]int, []string, error) {
	out := make([][]int, len(in.Paths))
	named := make([][]string, len(in.Paths))
	for i, raw := range in.Paths {
		if json.Unmarshal(raw, &named[i]) == nil {
			continue
		}
		named[i] = nil
		if in.Channels == nil || json.Unmarshal(raw, &out[i]) != nil {
			return nil, nil, Invalid("paths[%d]: want names of channels, or their indexes in channels", i)
		}
	}
	names := in.Channels
	if names == nil {
		names = slices.Compact(slices.Sorted(slices.Values(slices.Concat(named...))))
	}
	index := make(map[string]int, len(names))
	for i, n := range names {
		if _, twice := index[n]; twice {
			return nil, nil, Invalid("channels: %q is listed twice", n)
		}
		index[n] = i
	}
	for i, path := range named {
		for _, n := range path {
			k, ok := index[n]
			if !ok {
				return nil, nil, Invalid("paths[%d]: %q is not one of channels", i, n)
			}
			out[i] = append(out[i], k)
		}
	}
	return out, names, nil
}

func touchWeights(in weightsInput) (any, error) {
	if in.Model != attribution.Position && in.Model != attribution.TimeDecay {
		return nil, Invalid("model: %q; position or time_decay", in.Model)
	}
	h, err := in.rule()
	if err != nil {
		return nil, err
	}
	n := in.Touches
	if in.Model == attribution.TimeDecay {
		n = len(in.Ages)
	}
	if n < 0 || n > 1_000_000 {
		return nil, Invalid("touches: %d is not possible", n)
	}
	w, err := h.Weights(n, nil, in.Ages)
	if err != nil {
		return nil, err
	}
	shares, _ := attribution.TouchAmounts(1, w)
	out := map[string]any{"weights": floats(shares)}
	if in.Model == attribution.Position {
		return out, nil
	}
	most := w[0]
	for _, x := range w {
		if x.Cmp(most) > 0 {
			most = x
		}
	}
	relative := make([]*big.Rat, n)
	for i, x := range w {
		relative[i] = new(big.Rat).Quo(x, most)
	}
	out["relative"] = floats(relative)
	if in.Value != nil {
		exact, whole := attribution.TouchAmounts(*in.Value, w)
		out["amounts_exact"], out["amounts"] = floats(exact), whole
	}
	return out, nil
}

func floats(rs []*big.Rat) []float64 {
	out := make([]float64, len(rs))
	for i, r := range rs {
		out[i], _ = r.Float64()
	}
	return out
}
