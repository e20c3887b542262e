package funnel

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// censorTally counts entrants by what became of their first eligible entry: converted after some
// time, or still without conversion when last seen. A conversion counts from that entry only.
type censorTally struct {
	entered, converted int64
	matured, maturedIn int64 // entrants whose window is over, and those among them who converted
	open               int64 // not converted and the window still open
	events             pieces[int64]
	censored           pieces[int64] // follow-up of open entrants
	lost               int64         // not converted, watched for the whole window
}

func (c *censorTally) add(o *censorTally) {
	c.count(o)
	c.events.join(&o.events)
	c.censored.join(&o.censored)
}

// count adds all but the times.
func (c *censorTally) count(o *censorTally) {
	c.entered += o.entered
	c.converted += o.converted
	c.matured += o.matured
	c.maturedIn += o.maturedIn
	c.open += o.open
	c.lost += o.lost
}

// followUp is what became of one entry.
type followUp struct {
	entered   bool
	seen      int64 // from the entry to the end of the data
	mature    bool  // the window is over
	converted bool
	after     int64 // from the entry to the conversion
}

func newFollowUp(p *plan, entry, end int64) followUp {
	f := followUp{entered: true, seen: elapsed(entry, end)}
	f.mature = uint64(f.seen) >= p.window
	return f
}

// add1 notes one entry and reports whether its window is still open.
func (c *censorTally) add1(f followUp) (open bool) {
	c.entered++
	if f.mature {
		c.matured++
	}
	switch {
	case f.converted:
		c.converted++
		if f.mature {
			c.maturedIn++
		}
		c.events.add(f.after)
	case f.mature:
		c.lost++
	default:
		c.open++
		c.censored.add(f.seen)
	}
	return !f.converted && !f.mature
}

// curve is that of the times to conversion of entrants watched for at most the window.
func (c *censorTally) curve(p *plan) *stats.ProductLimit {
	return stats.Lifetimes{Events: c.events.list(), Censored: sortedTimes(&c.censored), Lost: c.lost, End: windowTime(p)}.ProductLimit()
}

// windowTime is the window as a duration.
func windowTime(p *plan) int64 { return int64(min(p.window, math.MaxInt64)) }

// Survival is the Kaplan–Meier conversion at the window. Rate is absent without entrants; the limits
// are absent where the curve is 0 or 1.
type Survival struct {
	Rate   *float64
	SE     *float64
	CILow  *float64
	CIHigh *float64
}

// survivalAt reads a curve at its end, holding it level after the last thing seen.
//
//	rate = 1 − S,  se = S √Σ d/(r(r−d)),  limits 1 − S^exp(±z σ),  σ = √Σ d/(r(r−d)) / |ln S|
//
// Conversions never lie beyond the window, so the last step of the curve is the one at the window.
func survivalAt(curve stats.SurvivalCurve, level float64) Survival {
	s, se := 1.0, 0.0
	var out Survival
	if n := len(curve.Steps); n > 0 {
		t := curve.Steps[n-1].Time
		s, se, _ = curve.At(t)
		if lo, hi, ok := curve.Interval(t, level); ok {
			out.CILow, out.CIHigh = referral.Float(1-hi), referral.Float(1-lo)
		}
	}
	out.Rate, out.SE = referral.Float(1-s), referral.Float(se)
	return out
}

// censoring finishes the view of a project.
func (c *censorTally) censoring(p *plan, level float64) (out *Censoring, all, converting Quantiles) {
	out = &Censoring{
		Naive:       rate(c.converted, c.entered, level),
		Matured:     rate(c.maturedIn, c.matured, level),
		KaplanMeier: referral.Undefined(referral.ReasonNoEntrants, referral.MethodKaplanMeier, level),
		OpenPersons: c.open,
	}
	if c.entered == 0 {
		return out, noVelocity(), noVelocity()
	}
	curve := c.curve(p)
	out.KaplanMeier = kmEstimate(curve.End(), p.window, c, level)
	read := readTimes(c.events.list(), curve, c.matured > 0, 1e6)
	return out, read.all, read.converting
}

// kmEstimate is the curve at the window. If nobody has been watched that long, it is not known yet.
func kmEstimate(curve stats.SurvivalCurve, window uint64, c *censorTally, level float64) referral.Estimate {
	if _, _, known := curve.At(float64(window)); !known {
		return referral.Undefined(referral.ReasonNotYet, referral.MethodKaplanMeier, level)
	}
	s := survivalAt(curve, level)
	return referral.Estimate{
		Value: s.Rate, Lo: s.CILow, Hi: s.CIHigh, Confidence: level, Method: referral.MethodKaplanMeier,
		Numerator: referral.Whole(c.converted), Denominator: referral.Whole(c.entered),
	}
}

// rate is a share of persons with its score interval.
func rate(hits, n int64, level float64) referral.Estimate {
	if n == 0 {
		return referral.Undefined(referral.ReasonNoEntrants, referral.MethodWilson, level)
	}
	e := referral.Estimate{
		Value: referral.Float(float64(hits) / float64(n)), Confidence: level, Method: referral.MethodWilson,
		Numerator: referral.Whole(hits), Denominator: referral.Whole(n),
	}
	if lo, hi, err := stats.WilsonInterval(hits, n, level); err == nil {
		e.Lo, e.Hi = referral.Float(lo), referral.Float(hi)
	}
	return e
}
