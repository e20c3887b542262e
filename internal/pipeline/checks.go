package pipeline

import (
	"context"
	"database/sql"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// Check is one test of the loaded data: how many rows break it, and what to do about them.
type Check struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Remedy string `json:"remedy"`
}

// dataChecks count rows that load, because nothing in them is wrong by itself, but do not fit the
// rest of the data.
var dataChecks = []struct{ name, remedy, sql string }{
	{
		"events of unknown partners", "list the partners in a source of kind partners",
		"SELECT count(*) FROM events AS e WHERE e.partner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM partners AS p WHERE p.partner_id = e.partner_id)",
	},
	{
		"costs of unknown partners", "list the partners, or correct the cost lines",
		"SELECT count(*) FROM costs AS c WHERE c.partner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM partners AS p WHERE p.partner_id = c.partner_id)",
	},
	{
		"amounts without a rate", "add the missing days to a source of kind rates",
		"SELECT (SELECT count(*) FROM event_facts WHERE amount_minor IS NOT NULL AND currency <> ? AND value_minor IS NULL) + " +
			"(SELECT count(*) FROM costs WHERE value_minor IS NULL)",
	},
	{
		"events received before they happened", "correct the clock or the zone of the source",
		"SELECT count(*) FROM event_facts WHERE received_at < occurred_at",
	},
	{
		"rows in quarantine", "--rows lists them: file, row, column and reason",
		"SELECT count(*) FROM quarantine",
	},
}

// CheckData runs the tests of the loaded data, all of them.
func (p *Project) CheckData(ctx context.Context) ([]Check, error) {
	var out []Check
	for _, c := range dataChecks {
		var args []any
		if strings.Contains(c.sql, "?") {
			args = append(args, p.Scope.Currency)
		}
		n := Check{Name: c.name, Remedy: c.remedy}
		if err := engine.One(ctx, p.DB, sqltext.Raw("check/"+c.name, c.sql, args...), &n.Rows); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	x, err := p.checkVariants(ctx)
	if err != nil {
		return nil, err
	}
	unseen, err := p.checkUnseen(ctx)
	return append(append(out, x...), unseen...), err
}

// checkUnseen lists, by funnel, events that the data do not have yet. What looks misspelt was refused
// before; the rest may be still to come.
func (p *Project) checkUnseen(ctx context.Context) ([]Check, error) {
	h, err := p.Header(ctx)
	if err != nil {
		return nil, err
	}
	var out []Check
	for _, name := range names(p.Cfg.Funnels) {
		if events := p.Cfg.Funnels[name].Unseen(h.Names()); len(events) > 0 {
			out = append(out, Check{Name: "events of funnel " + name + " that never occurred", Rows: int64(len(events)), Remedy: "correct the names, or wait for them: " + strings.Join(events, ", ")})
		}
	}
	return out, nil
}

// checkVariants counts, by experiment, exposures to variants that its configuration does not plan.
func (p *Project) checkVariants(ctx context.Context) ([]Check, error) {
	var out []Check
	for _, name := range names(p.Cfg.Experiments) {
		def := p.Cfg.Experiments[name]
		args := []any{name}
		var marks []string
		for _, v := range names(def.Weights) {
			args = append(args, v)
			marks = append(marks, "?")
		}
		c := Check{Name: "exposures of " + name + " to unplanned variants", Remedy: "add the variant to weights:, or correct the source"}
		text := "SELECT count(*) FROM exposures WHERE experiment = ? AND variant NOT IN (" + strings.Join(marks, ", ") + ")"
		if err := engine.One(ctx, p.DB, sqltext.Raw("check/variants", text, args...), &c.Rows); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Flagged is one subject that `partners/quality` flagged, with its evidence.
type Flagged struct {
	SubjectKind string `json:"subject_kind"`
	Subject     string `json:"subject"`
	Kind        string `json:"kind"`
	Evidence    string `json:"evidence"`
}

// Refused is one row in quarantine.
type Refused struct {
	Source  string `json:"source"`
	File    string `json:"file"`
	Row     int64  `json:"row"`
	Column  string `json:"column"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Rows lists what is flagged and what is in quarantine, at most limit of each, in a fixed order.
func (p *Project) Rows(ctx context.Context, limit int) ([]Flagged, []Refused, error) {
	flagged, err := engine.Collect(ctx, p.DB, sqltext.Raw("check/flags",
		"SELECT subject_kind, subject, kind, CAST(evidence AS VARCHAR) FROM flags ORDER BY kind, subject_kind, subject LIMIT ?", limit),
		func(r *sql.Rows) (f Flagged, err error) {
			return f, r.Scan(&f.SubjectKind, &f.Subject, &f.Kind, &f.Evidence)
		})
	if err != nil {
		return nil, nil, err
	}
	refused, err := engine.Collect(ctx, p.DB, sqltext.Raw("check/quarantine",
		"SELECT source, coalesce(file, ''), coalesce(row, 0), coalesce(column_name, ''), code, message FROM quarantine ORDER BY source, file, row, column_name, code LIMIT ?", limit),
		func(r *sql.Rows) (q Refused, err error) {
			return q, r.Scan(&q.Source, &q.File, &q.Row, &q.Column, &q.Code, &q.Message)
		})
	return flagged, refused, err
}
