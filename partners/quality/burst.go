package quality

import (
	"context"
	"database/sql"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/internal/stats"
	"vouch/referral"
)

// The thresholds of a burst. They are strict, because a good campaign also makes a busy day: an
// expected number of false alarms of a thousandth over all days of all partners, and never on fewer
// than ten sign-ups.
const (
	burstAlarms = 0.001
	burstLeast  = 10
)

// signups is one partner's day.
type signups struct {
	partner string
	day, n  int64
}

// bursts flags days on which a partner has far more sign-ups than on its own other days.
//
//	p = P(X ≥ n), X Poisson with the mean of the partner's other days from its first to its last
//
// A day is flagged if p times the number of partner-days looked at stays below 0.001. Sign-ups that
// come in waves (weekdays, campaigns) vary more than Poisson, which is why the bar is that high.
func bursts(ctx context.Context, q engine.Querier, st sqltext.Stmt, scope referral.Scope) ([]flag, error) {
	rows, err := engine.Collect(ctx, q, st, func(r *sql.Rows) (s signups, err error) {
		return s, r.Scan(&s.partner, &s.day, &s.n)
	})
	if err != nil {
		return nil, err
	}
	type history struct{ first, last, total int64 }
	known, looked := map[string]*history{}, int64(0)
	for _, s := range rows {
		h := known[s.partner]
		if h == nil {
			h = &history{first: s.day, last: s.day}
			known[s.partner] = h
		}
		h.last = s.day // rows come in order of days
		h.total += s.n
	}
	for _, h := range known {
		looked += h.last - h.first + 1
	}
	var out []flag
	for _, s := range rows {
		h := known[s.partner]
		others := h.last - h.first
		if s.n < burstLeast || others < 1 {
			continue
		}
		mean := float64(h.total-s.n) / float64(others)
		p := poissonTail(s.n, mean)
		if p*float64(looked) >= burstAlarms {
			continue
		}
		day := time.Unix(s.day*86_400, 0).UTC()
		e, err := evidence(struct {
			Day      string  `json:"day"`
			Signups  int64   `json:"signups"`
			Expected float64 `json:"expected"`
			P        float64 `json:"p"`
		}{day.Format("2006-01-02"), s.n, mean, p})
		if err != nil {
			return nil, err
		}
		since := scope.Calendar.Midnight(day.Date())
		out = append(out, flag{subjectKind: Partner, subject: s.partner, kind: Burst, evidence: e, since: since.UTC()})
	}
	return out, nil
}

// poissonTail is P(X ≥ n) for a Poisson mean: the lower tail of the gamma distribution of shape n at
// that mean. A mean of 0 makes any sign-up impossible.
func poissonTail(n int64, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	lower, _ := stats.GammaTails(mean, float64(n))
	return lower
}
