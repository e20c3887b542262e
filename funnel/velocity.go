package funnel

import (
	"strconv"
	"sync"

	"vouch/internal/stats"
	"vouch/referral"
)

// quantiles are the shares whose times are read off a curve.
var quantiles = []struct {
	key   string
	share float64
}{{"0.5", 0.5}, {"0.9", 0.9}}

// noVelocity has every key and knows no time.
func noVelocity() Quantiles {
	out := Quantiles{}
	for _, q := range quantiles {
		out[q.key] = nil
	}
	return out
}

// timesRead is what is read off the durations of those who arrived, and off the curve that they make with those who
// have not.
type timesRead struct {
	Times
	all, converting Quantiles
}

// readTimes describes durations, and reads their curve of times in microseconds: when a share of all has arrived, and when
// that share of those has who arrive within the window.
//
//	all: the smallest t with 1 − S(t) ≥ q,   converting: the smallest t with 1 − S(t) ≥ q·(1 − S(end))
//
// Open windows are censored, not dropped: the mean or median of those who have arrived so far is too short
// while others are under way. The second needs somebody who was watched for the whole window; else the end of the
// curve is not known. Units: ticks for mean and median, divided by unit; seconds for the curve, which may be absent.
func readTimes(durations [][]int64, curve *stats.ProductLimit, watched bool, unit float64) timesRead {
	out := timesRead{all: noVelocity(), converting: noVelocity()}
	out.N, out.Mean = mean(durations, unit)
	if out.N == 0 {
		return out
	}
	places := []int64{(out.N - 1) / 2, out.N / 2}
	var to []func(at *float64)
	if curve != nil {
		const rounding = 1e-12
		arrived := 1 - curve.End().Steps[0].Survival
		for _, q := range quantiles {
			if place, ok := curve.Reaching(q.share, rounding); ok {
				places, to = append(places, place), append(to, func(at *float64) { out.all[q.key] = at })
			}
			if place, ok := curve.Reaching(q.share*arrived, rounding); ok && watched {
				places, to = append(places, place), append(to, func(at *float64) { out.converting[q.key] = at })
			}
		}
	}
	values := stats.OrderStatistics(durations, places)
	out.Median = middle(values[0], values[1]) / unit
	for i, set := range to {
		set(referral.Float(float64(values[2+i]) / 1e6))
	}
	return out
}

// mean counts durations of integers and divides their exact sum.
func mean(durations [][]int64, unit float64) (n int64, mean float64) {
	var hi, lo uint64 // 128-bit sum, so that no number of long durations overflows
	for _, list := range durations {
		n += int64(len(list))
		for _, v := range list {
			before := lo
			if lo += uint64(v); lo < before {
				hi++
			}
		}
	}
	if n == 0 {
		return 0, 0
	}
	return n, (float64(hi)*18446744073709551616 + float64(lo)) / float64(n) / unit
}

// middle is the mean of the middle two, which are in order.
func middle(a, b int64) float64 { return float64(a) + float64(b-a)/2 }

// readSteps describes the ways between steps and the whole way, and sets the times of every required step from the one
// before it. Whoever reached that one and not the step was watched until the window or the data ended.
func (t *tally) readSteps(q *query, res *Result) {
	read := make([]timesRead, len(res.Steps))
	var total timesRead
	var wg sync.WaitGroup
	wg.Go(func() { total = readTimes(t.total.list(), nil, false, 1e6) })
	for i := 1; i < len(read); i++ {
		wg.Go(func() {
			var curve *stats.ProductLimit
			durations := t.durations[i].list()
			if q.censor {
				curve = stats.Lifetimes{Events: durations, Censored: sortedTimes(&t.waits[i]), Lost: t.watched[i], End: windowTime(q.plan)}.ProductLimit()
			}
			read[i] = readTimes(durations, curve, t.cens.matured > 0, 1e6)
		})
	}
	wg.Wait()
	res.TimeToConvert = map[string]Times{}
	for i := 1; i < len(read); i++ {
		if read[i].N > 0 {
			res.TimeToConvert[strconv.Itoa(i+1)] = read[i].Times
		}
		if !q.plan.steps[i].optional {
			res.Steps[i].Velocity, res.Steps[i].VelocityConverting = read[i].all, read[i].converting
		}
	}
	if total.N > 0 {
		res.TimeToConvert["total"] = total.Times
	}
}
