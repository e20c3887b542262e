package ingest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// errDryRun makes the transaction of a dry run roll back.
var errDryRun = errors.New("dry run")

// Load brings the database up to date with the sources of the plan, in one transaction.
//
// The error is referral.Problems for a plan that cannot be right, *Refused for input that is refused,
// and anything else when the world failed; in each case the database is as it was. The Report of a
// refused load says what was found wrong by source.
func Load(ctx context.Context, db engine.Writer, p Plan) (Report, error) {
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if err := p.validate(); err != nil {
		return Report{}, err
	}
	sources, err := p.chosen()
	if err != nil {
		return Report{}, err
	}
	l := loader{plan: p, reports: map[string]*SourceReport{}, old: map[string]string{}}
	if err := l.remember(ctx, db); err != nil {
		return Report{}, err
	}
	if l.outdated() { // everything is read anew, so one source alone cannot be
		l.plan.Only, sources = "", p.Sources
	}
	if err := p.check(ctx, db, sources); err != nil {
		return Report{}, err
	}
	if err := l.look(ctx, db, sources); err != nil {
		return l.report(), err
	}
	if l.nothingToDo() {
		return l.unchanged(ctx, db)
	}
	err = db.Tx(ctx, func(tx engine.Tx) error { return l.run(ctx, tx) })
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return l.report(), err
}

// loader is the state of one load.
type loader struct {
	plan     Plan
	first    bool // the database holds no load yet
	old      map[string]string
	manifest []loaded
	work     work
	order    []string // source names, in order of the plan
	reports  map[string]*SourceReport
	problems []Rejection
	refused  int64 // rejected cells beyond problems
	findings []referral.Finding
	done     Report
}

// look finds files, compares them with the manifest and binds the sources to their columns. All
// problems of all files are collected before the load is refused.
func (l *loader) look(ctx context.Context, db engine.Writer, sources []Source) error {
	found := map[string][]file{}
	for _, s := range sources {
		l.order = append(l.order, s.Name)
		l.reports[s.Name] = &SourceReport{Name: s.Name, Kind: s.Kind, Unknown: []string{}, Findings: []referral.Finding{}}
		fs, problems, err := findFiles(l.plan, s)
		if err != nil {
			return err
		}
		found[s.Name] = fs
		l.problems = append(l.problems, problems...)
	}
	if err := refuse(l.problems); err != nil {
		return err
	}
	w, problems, err := decide(l.plan, sources, found, l.manifest)
	if err != nil {
		return err
	}
	l.work, l.problems = w, problems
	for i := range l.work.units {
		if err := l.prepare(ctx, db, &l.work.units[i]); err != nil {
			return err
		}
	}
	for name, n := range l.work.skipped {
		l.reports[name].Skipped = n
	}
	return refuse(l.problems)
}

// remember reads what earlier loads left.
func (l *loader) remember(ctx context.Context, db engine.Writer) error {
	has, err := hasTables(ctx, db)
	if err != nil || !has {
		l.first = true
		return err
	}
	if l.manifest, err = readManifest(ctx, db); err != nil {
		return err
	}
	l.old, err = readMeta(ctx, db)
	return err
}

// prepare binds one unit and notices columns that an earlier file of the source had.
func (l *loader) prepare(ctx context.Context, db engine.Writer, u *unit) error {
	problems, err := u.prepare(ctx, db, l.plan)
	if err != nil {
		return err
	}
	l.problems = append(l.problems, problems...)
	if len(problems) > 0 {
		return nil
	}
	if before, ok := l.work.columns[u.source.Name]; ok {
		if p := changedColumns(*u, before); p != nil {
			l.problems = append(l.problems, *p)
		}
	} else {
		l.work.columns[u.source.Name] = u.mapped.signature()
	}
	r := l.reports[u.source.Name]
	for _, c := range u.mapped.extra {
		if !slices.Contains(r.Unknown, c.name) {
			r.Unknown = append(r.Unknown, c.name)
		}
	}
	slices.Sort(r.Unknown)
	return nil
}

// changedColumns compares the contract columns of a file with those of the source's earlier files. A
// column that is new is welcome; one that is gone or has become another type is a mistake until
// somebody says otherwise, because its values would silently stop.
func changedColumns(u unit, before string) *Rejection {
	now := map[string]string{}
	for _, part := range strings.Split(u.mapped.signature(), ",") {
		name, typ, _ := strings.Cut(part, ":")
		now[name] = typ
	}
	for _, part := range strings.Split(before, ",") {
		name, typ, _ := strings.Cut(part, ":")
		r := Rejection{Source: u.source.Name, File: u.name(), Column: name, Code: CodeColumnChanged}
		switch got, ok := now[name]; {
		case name == "":
		case !ok:
			r.Message = "earlier files of this source have the column, this one lacks it"
			r.Hint = "add it (it may be empty), or make the file a source of its own"
			return &r
		case got != typ:
			r.Message = "the column has another type than in earlier files of this source"
			r.Hint = "write it as before, or make the file a source of its own"
			return &r
		}
	}
	return nil
}

// nothingToDo reports whether tables, files and settings are as the last load left them.
func (l *loader) nothingToDo() bool {
	return !l.first && len(l.work.units) == 0 && len(l.work.drop) == 0 && l.old["settings"] == l.settings()
}

func (l *loader) settings() string { return l.plan.Settings() }

// schemaVersion changes when the tables of a load change, so that an older database is rebuilt.
const schemaVersion = "3"

// outdated reports whether the database was made by a version with other tables.
func (l *loader) outdated() bool { return !l.first && l.old["schema_version"] != schemaVersion }

// unchanged reports on a load that had nothing to do.
func (l *loader) unchanged(ctx context.Context, db engine.Writer) (Report, error) {
	if err := l.renewSteps(ctx, db); err != nil {
		return Report{}, err
	}
	err := l.count(ctx, db)
	r := l.report()
	r.Changed = false
	return r, err
}

// run does the load inside the transaction.
func (l *loader) run(ctx context.Context, tx engine.Tx) error {
	if l.outdated() {
		if err := dropAll(ctx, tx); err != nil {
			return err
		}
	}
	if err := createTables(ctx, tx); err != nil {
		return err
	}
	if !l.first && !l.outdated() {
		if err := restage(ctx, tx, l.work.drop); err != nil {
			return err
		}
	}
	tables := []string{"quarantine", "load_manifest"}
	for _, t := range schema.Inputs() {
		if t.Name != "events" {
			tables = append(tables, target(t.Name))
		}
	}
	if err := dropBatches(ctx, tx, tables, l.work.drop); err != nil {
		return err
	}
	for _, u := range l.work.units {
		if err := l.load(ctx, tx, u); err != nil {
			return err
		}
		l.plan.Log.Debug("loaded", "source", u.source.Name, "batch", u.batch)
	}
	if len(l.problems) > 0 {
		return &Refused{Problems: l.problems[:min(len(l.problems), maxListed)], Total: int64(len(l.problems)) + l.refused}
	}
	if err := l.derive(ctx, tx); err != nil {
		return err
	}
	if err := l.count(ctx, tx); err != nil {
		return err
	}
	if err := dropTemporary(ctx, tx); err != nil {
		return err
	}
	l.done.Changed = true
	if l.plan.DryRun {
		l.done.DryRun = true
		return errDryRun
	}
	return nil
}

// load reads one unit into its table.
func (l *loader) load(ctx context.Context, tx engine.Tx, u unit) error {
	into, err := u.read(ctx, tx)
	if err != nil {
		return err
	}
	rows, bad, err := u.countRows(ctx, tx, into)
	if err != nil {
		return err
	}
	if bad > 0 {
		if err := u.quarantine(ctx, tx, into); err != nil {
			return err
		}
	}
	if u.table.Unique {
		if bad, err = u.repeatedKeys(ctx, tx, bad); err != nil {
			return err
		}
	}
	r := l.reports[u.source.Name]
	if l.plan.DryRun && len(r.Sample) == 0 {
		if err := u.sample(ctx, tx, into, r); err != nil {
			return err
		}
	}
	if err := u.finish(ctx, tx, bad); err != nil {
		return err
	}
	r.Files += len(u.files)
	r.Rows, r.Rejected, r.Accepted = r.Rows+rows, r.Rejected+bad, r.Accepted+rows-bad
	if bad > 0 {
		if err := l.rejected(ctx, tx, u, rows, bad); err != nil {
			return err
		}
	}
	return u.remember(ctx, tx, rows, bad)
}

// rejected lists what was rejected, in the report and, beyond the tolerance, as problems.
func (l *loader) rejected(ctx context.Context, tx engine.Tx, u unit, rows, bad int64) error {
	st := sqltext.Raw("ingest/rejected", fmt.Sprintf(`SELECT source, file, row, column_name, code, message, raw, count(*) OVER () FROM quarantine
WHERE batch_id = ? ORDER BY row, column_name LIMIT %d`, maxListed), u.batch)
	var total int64
	found, err := engine.Collect(ctx, tx, st, func(r *sql.Rows) (Rejection, error) {
		var x Rejection
		var raw sql.NullString
		err := r.Scan(&x.Source, &x.File, &x.Row, &x.Column, &x.Code, &x.Message, &raw, &total)
		x.Raw = raw.String
		return x, err
	})
	if err != nil {
		return err
	}
	r := l.reports[u.source.Name]
	r.Rejects = append(r.Rejects, found...)
	if u.source.Reject.allows(bad, rows) {
		f := referral.Finding{
			Code: "rows-rejected", Subject: u.source.Name,
			Detail: fmt.Sprintf("%d of %d rows of %s were rejected and are in quarantine", bad, rows, u.name()),
		}
		r.Findings = append(r.Findings, f)
		return nil
	}
	for i := range found {
		found[i].Hint = "correct the row, or let such rows go with reject: on the source"
	}
	l.problems = append(l.problems, found...)
	l.refused += total - int64(len(found))
	return nil
}

// report puts the parts together, sources in order of the plan.
func (l *loader) report() Report {
	r := l.done
	r.Sources = []SourceReport{}
	r.Findings = append([]referral.Finding{}, l.findings...)
	for _, name := range l.order {
		r.Sources = append(r.Sources, *l.reports[name])
		r.Findings = append(r.Findings, l.reports[name].Findings...)
	}
	r.Findings = referral.SortFindings(r.Findings)
	return r
}
