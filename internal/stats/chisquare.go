package stats

import (
	"math"

	"vouch/referral"
)

// ChiSquare is a chi-square test.
type ChiSquare struct {
	Statistic *float64 `json:"statistic"`
	DF        *float64 `json:"df"`
	PValue    *float64 `json:"p_value"`
	Reason    string   `json:"reason,omitempty"`
}

// SRM tests whether the units of an experiment arrived in the planned shares (sample-ratio mismatch).
//
//	Σ (O−E)²/E with E = n w/Σw, df one less than the arms with a positive weight
//
// Weights are relative. Arms of weight 0 leave the sum and the degrees of freedom; a unit in one of
// them cannot happen under the plan: p is 0, without a statistic (zero_weight_observed).
// Edges: no units is insufficient_data. Fewer than two positive weights, lists of different lengths or
// negative numbers are ErrInput.
// Assumes that each unit is assigned on its own; one look, or a level small enough for many.
// Source: Pearson (1900), Philosophical Magazine 50, 157–175.
// Checked against: scipy 1.17.1, stats.chisquare(f_obs, f_exp), in chisquare_test.go.
func SRM(observed []int64, weights []float64) (ChiSquare, error) {
	if len(observed) != len(weights) {
		return ChiSquare{}, invalid("%d counts and %d weights", len(observed), len(weights))
	}
	var total, weight float64
	positive, stray := 0, false
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) || observed[i] < 0 {
			return ChiSquare{}, invalid("count %d with weight %g", observed[i], w)
		}
		if w == 0 {
			stray = stray || observed[i] > 0
			continue
		}
		positive++
		weight += w
		total += float64(observed[i])
	}
	switch {
	case positive < 2:
		return ChiSquare{}, invalid("%d positive weights, at least 2 are needed", positive)
	case stray:
		return ChiSquare{PValue: num(0), Reason: ReasonZeroWeightObserved}, nil
	case total == 0:
		return ChiSquare{Reason: referral.ReasonNoData}, nil
	}
	stat := 0.0
	for i, w := range weights {
		if w > 0 {
			e := total * (w / weight)
			stat += (float64(observed[i]) - e) * (float64(observed[i]) - e) / e
		}
	}
	return chiSquare(stat, float64(positive-1)), nil
}

func chiSquare(stat, df float64) ChiSquare {
	return ChiSquare{Statistic: num(stat), DF: num(df), PValue: num(ChiSquareTail(stat, df))}
}

// checkTable refuses ragged tables, negative counts and tables without two rows and columns.
func checkTable(table [][]int64) error {
	if len(table) < 2 || len(table[0]) < 2 {
		return invalid("a table needs two rows and two columns")
	}
	for _, row := range table {
		if len(row) != len(table[0]) {
			return invalid("rows of %d and %d columns", len(table[0]), len(row))
		}
		for _, v := range row {
			if v < 0 {
				return invalid("count %d is negative", v)
			}
		}
	}
	return nil
}

// PearsonTest tests whether rows and columns of a table of counts are independent.
//
//	Σ (O−E)²/E, E = row total × column total / n, df (rows−1)(columns−1), no continuity correction
//
// An empty row or column: insufficient_data.
// Checked against: scipy 1.17.1, stats.chi2_contingency(table, correction=False), in chisquare_test.go.
func PearsonTest(table [][]int64) (ChiSquare, error) {
	return independence(table, func(o, e float64) float64 { return (o - e) * (o - e) / e })
}

// GTest is the likelihood-ratio form 2 Σ O ln(O/E) of PearsonTest; a cell of 0 adds 0.
// Checked against: scipy 1.17.1, stats.chi2_contingency(table, correction=False,
// lambda_="log-likelihood"), in chisquare_test.go.
func GTest(table [][]int64) (ChiSquare, error) {
	return independence(table, func(o, e float64) float64 {
		if o == 0 {
			return 0
		}
		return 2 * o * math.Log(o/e)
	})
}

func independence(table [][]int64, cell func(o, e float64) float64) (ChiSquare, error) {
	if err := checkTable(table); err != nil {
		return ChiSquare{}, err
	}
	rows, columns, n := margins(table)
	for _, m := range append(append([]float64{}, rows...), columns...) {
		if m == 0 {
			return ChiSquare{Reason: referral.ReasonNoData}, nil
		}
	}
	var terms []float64
	for i, row := range table {
		for j, o := range row {
			terms = append(terms, cell(float64(o), rows[i]/n*columns[j]))
		}
	}
	return chiSquare(math.Max(0, Sum(terms)), float64((len(rows)-1)*(len(columns)-1))), nil
}

// margins are the row sums, the column sums and the total.
func margins(table [][]int64) (rows, columns []float64, n float64) {
	rows, columns = make([]float64, len(table)), make([]float64, len(table[0]))
	for i, row := range table {
		for j, v := range row {
			rows[i] += float64(v)
			columns[j] += float64(v)
			n += float64(v)
		}
	}
	return rows, columns, n
}
