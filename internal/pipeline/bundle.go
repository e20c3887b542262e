package pipeline

import (
	"context"
	"database/sql"
	"sort"
	"time"

	"vouch/internal/engine"
	"vouch/internal/ingest"
	"vouch/internal/sqltext"
	"vouch/partners"
	"vouch/referral"
	"vouch/reports"
)

// partnerPages fills the partner table and the weekly summary.
func (p *Project) partnerPages(ctx context.Context, b *reports.Bundle) error {
	r, err := p.Partners(ctx)
	if err != nil {
		return err
	}
	b.Partners = &r
	w, err := partners.Week(ctx, p.Engine(), p.Scope)
	if err != nil {
		return err
	}
	b.Weekly = &w
	return nil
}

// data turns what ingest knows of the loaded data into what pages show.
func (p *Project) data(ctx context.Context, s ingest.Summary) (reports.Data, error) {
	d := reports.Data{Events: s.Events, Persons: s.Persons, Excluded: s.Excluded, Sources: []reports.Source{}}
	if err := engine.One(ctx, p.DB, sqltext.Raw("pipeline/partners", "SELECT count(*) FROM partner_keys"), &d.Partners); err != nil {
		return d, err
	}
	d.CompleteTo = completeTo(p.Scope, s.Last)
	at := map[string]int{}
	for _, f := range s.Files {
		i, ok := at[f.Source]
		if !ok {
			i = len(d.Sources)
			at[f.Source] = i
			d.Sources = append(d.Sources, reports.Source{Name: f.Source, Kind: f.Kind})
		}
		x := &d.Sources[i]
		x.Files++
		x.Rows += f.Rows
		x.Accepted += f.Accepted
		x.Duplicates += f.Duplicates
		x.Rejected += f.Rejected
	}
	sort.Slice(d.Sources, func(i, j int) bool { return d.Sources[i].Name < d.Sources[j].Name })
	var err error
	d.Quarantine, err = engine.Collect(ctx, p.DB, sqltext.Raw("pipeline/quarantine",
		"SELECT source, code, count(*) FROM quarantine GROUP BY source, code ORDER BY source, code"),
		func(r *sql.Rows) (reports.QuarantineCount, error) {
			var q reports.QuarantineCount
			return q, r.Scan(&q.Source, &q.Code, &q.Rows)
		})
	return d, err
}

// completeTo is the last local day that is seen whole: the day before as-of, or the day before that
// of the last event if the data end earlier.
func completeTo(sc referral.Scope, last time.Time) string {
	if last.IsZero() {
		return ""
	}
	end := sc.AsOf
	if last.Before(end) {
		end = sc.Calendar.Start(last, referral.Day)
		if sc.Calendar.Next(end, referral.Day, 1).Equal(sc.AsOf) {
			end = sc.AsOf
		}
	}
	return end.In(sc.Calendar.Zone).Add(-time.Microsecond).Format("2006-01-02")
}
