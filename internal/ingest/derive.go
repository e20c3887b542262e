package ingest

import (
	"context"
	"database/sql"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// derive rebuilds what analyses read from the rows as they were loaded. It is done whole whenever
// anything changed: an identity, a rate or a late event may touch any row, and one way of building
// the tables is one way for them to be wrong.
func (l *loader) derive(ctx context.Context, tx engine.Tx) error {
	if err := run(ctx, tx, "identity_map", nil); err != nil {
		return err
	}
	if err := checkCycles(ctx, tx); err != nil {
		return err
	}
	d, err := l.dictionaries(ctx, tx)
	if err != nil {
		return err
	}
	if err := l.rates(ctx, tx, &d); err != nil {
		return err
	}
	if err := l.facts(ctx, tx, d); err != nil {
		return err
	}
	for _, name := range []string{"persons", "view_events", "view_events_all", "count_names", "count_duplicates"} {
		if err := run(ctx, tx, name, map[string]any{"Acquisition": l.plan.Scope.Acquisition}); err != nil {
			return err
		}
	}
	keys, err := l.chooseSteps(ctx, tx)
	if err != nil {
		return err
	}
	if err := copySteps(ctx, tx, keys); err != nil {
		return err
	}
	if err := l.resolveLeads(ctx, tx); err != nil {
		return err
	}
	empty := fmt.Sprintf("CREATE OR REPLACE TABLE acquisition_facts (person_key %s, partner_key %s, variant VARCHAR, \"at\" TIMESTAMP, day DATE, weight BIGINT)", d.personType, d.partnerType)
	if err := tx.Exec(ctx, sqltext.Raw("ingest/acquisitions", empty)); err != nil {
		return err
	}
	if err := run(ctx, tx, "view_acquisitions", nil); err != nil {
		return err
	}
	if err := l.notices(ctx, tx); err != nil {
		return err
	}
	if err := l.writeMeta(ctx, tx); err != nil {
		return err
	}
	return noteSteps(ctx, tx, keys)
}

// run renders and runs one statement of sql/.
func run(ctx context.Context, tx engine.Tx, name string, data any) error {
	st, err := statements.Render(tx.Dialect(), name, data)
	if err != nil {
		return err
	}
	return tx.Exec(ctx, st)
}

// number runs a statement that returns one whole number.
func number(ctx context.Context, q engine.Querier, name, text string, args ...any) (int64, error) {
	var n int64
	err := engine.One(ctx, q, sqltext.Raw("ingest/"+name, text, args...), &n)
	return n, err
}

// checkCycles refuses identities that lead back to themselves: no person would be the one meant.
func checkCycles(ctx context.Context, tx engine.Tx) error {
	st := sqltext.Raw("ingest/cycles", `SELECT count(*), min(m.alias), min(i.source) FROM ingest_identity_map AS m JOIN identities AS i ON i.alias = m.alias
WHERE m.depth > 64`)
	var n int64
	var alias, source sql.NullString
	if err := engine.One(ctx, tx, st, &n, &alias, &source); err != nil || n == 0 {
		return err
	}
	return refuse([]Rejection{{
		Source: source.String, Column: "alias", Code: CodeCycle, Raw: alias.String,
		Message: fmt.Sprintf("%d aliases lead back to themselves, the first is %q", n, alias.String),
		Hint:    "let each chain of aliases end at one person, after at most 64 links",
	}})
}

// dictionaries builds the keys of persons, events and partners, and the rows and persons to exclude.
func (l *loader) dictionaries(ctx context.Context, tx engine.Tx) (dict, error) {
	var d dict
	if err := l.inspect(ctx, tx, &d); err != nil {
		return d, err
	}
	hash := "hash(source, event_id)"
	if d.source != "" {
		hash = "hash(event_id)"
	}
	data := map[string]any{
		"Hash": hash, "Bucket": tx.Dialect().Bucket("person_id", buckets), "Properties": d.filled["properties"], "Referred": d.filled["referrer_id"],
	}
	for _, name := range []string{"person_ids", "person_aliases", "event_names", "partner_keys", "repeated_ids", "superseded", "person_flags", "excluded_persons"} {
		if err := run(ctx, tx, name, data); err != nil {
			return d, err
		}
	}
	for _, k := range []struct {
		table, key string
		types      []width
		to         *string
	}{
		{"ingest_person_ids", "person_key", personWidths, &d.personType},
		{"event_names", "event_key", eventWidths, &d.eventType},
		{"partner_keys", "partner_key", partnerWidths, &d.partnerType},
	} {
		n, err := number(ctx, tx, "width", "SELECT coalesce(max("+k.key+") + 1, 0) FROM "+k.table)
		if err != nil {
			return d, err
		}
		*k.to = narrowest(k.types, n)
		if err := tx.Exec(ctx, sqltext.Raw("ingest/width", "ALTER TABLE "+k.table+" ALTER "+k.key+" TYPE "+*k.to)); err != nil {
			return d, err
		}
	}
	for table, has := range map[string]*bool{"ingest_superseded": &d.superseded, "ingest_excluded_persons": &d.flagged, "person_aliases": &d.aliased} {
		n, err := number(ctx, tx, "count", "SELECT count(*) FROM "+table)
		if err != nil {
			return d, err
		}
		*has = n > 0
	}
	return d, nil
}

// buckets is the number of hash buckets a person may fall into: enough to shard over the cores of a
// large machine, few enough that a partition of a small project is no tiny file.
const buckets = 64

// width is an integer type and how many keys it holds.
type width struct {
	name string
	keys int64
}

var (
	personWidths  = []width{{"INTEGER", 1 << 31}, {"BIGINT", 1<<63 - 1}}
	eventWidths   = []width{{"UTINYINT", 1 << 8}, {"USMALLINT", 1 << 16}, {"INTEGER", 1<<63 - 1}}
	partnerWidths = []width{{"SMALLINT", 1 << 15}, {"INTEGER", 1<<63 - 1}}
)

// narrowest returns the smallest type for n keys. A narrow key is a narrow read in every analysis.
func narrowest(types []width, n int64) string {
	for _, w := range types {
		if n <= w.keys {
			return w.name
		}
	}
	return types[len(types)-1].name
}

// resolveLeads lets lead scores speak of the persons that identities mean.
func (l *loader) resolveLeads(ctx context.Context, tx engine.Tx) error {
	return tx.Exec(ctx, sqltext.Raw("ingest/leads", `UPDATE leads SET person_id = m.person_id FROM ingest_identity_map AS m WHERE m.alias = leads.person_id`))
}

// writeMeta records the terms of the load.
func (l *loader) writeMeta(ctx context.Context, tx engine.Tx) error {
	manifest, err := readManifest(ctx, tx)
	if err != nil {
		return err
	}
	if err := tx.Exec(ctx, sqltext.Raw("ingest/meta", "DELETE FROM meta")); err != nil {
		return err
	}
	for _, kv := range [][2]string{
		{"schema_version", schemaVersion},
		{"timezone", l.plan.zone()},
		{"currency", l.plan.Scope.Currency},
		{"acquisition_event", l.plan.Scope.Acquisition},
		{"clustered", "true"},
		{"tail_share", "0"},
		{"data_sha256", dataHash(manifest)},
		{"settings", l.settings()},
	} {
		if err := tx.Exec(ctx, sqltext.Raw("ingest/meta", "INSERT INTO meta (key, value) VALUES (?, ?)", kv[0], kv[1])); err != nil {
			return err
		}
	}
	return nil
}

// count fills the totals of the report.
func (l *loader) count(ctx context.Context, q engine.Querier) error {
	var err error
	if l.done.Events, err = number(ctx, q, "count", "SELECT count(*) FROM event_facts"); err != nil {
		return err
	}
	if l.done.Persons, err = number(ctx, q, "count", "SELECT count(*) FROM persons"); err != nil {
		return err
	}
	l.done.Excluded, err = excluded(ctx, q)
	if err != nil {
		return err
	}
	return l.countDuplicates(ctx, q)
}

// excluded counts the rows kept out of analyses, by reason.
func excluded(ctx context.Context, q engine.Querier) (map[string]int64, error) {
	type pair struct {
		reason string
		n      int64
	}
	st := sqltext.Raw("ingest/excluded", "SELECT reason, count(*) FROM event_excluded GROUP BY reason ORDER BY reason")
	pairs, err := engine.Collect(ctx, q, st, func(r *sql.Rows) (pair, error) {
		var p pair
		return p, r.Scan(&p.reason, &p.n)
	})
	out := make(map[string]int64, len(pairs))
	for _, p := range pairs {
		out[p.reason] = p.n
	}
	return out, err
}

// countDuplicates compares the manifest with the one before the load, by source.
func (l *loader) countDuplicates(ctx context.Context, q engine.Querier) error {
	now, err := readManifest(ctx, q)
	if err != nil {
		return err
	}
	before := map[int64]int64{}
	for _, m := range l.manifest {
		before[m.Batch] += m.Duplicates
	}
	fresh := map[int64]bool{}
	for _, u := range l.work.units {
		fresh[u.batch] = true
	}
	for name, r := range l.reports {
		var accepted, duplicates int64
		for _, m := range now {
			if m.Source != name {
				continue
			}
			duplicates += m.Duplicates
			if fresh[m.Batch] {
				accepted += m.Accepted
			}
		}
		for _, m := range l.manifest {
			if m.Source == name && stays(m.Batch, now) {
				duplicates -= m.Duplicates
			}
		}
		r.Accepted, r.Duplicates = accepted, duplicates
	}
	return nil
}

func stays(batch int64, now []loaded) bool {
	for _, m := range now {
		if m.Batch == batch {
			return true
		}
	}
	return false
}

// notices are findings about what was loaded.
func (l *loader) notices(ctx context.Context, tx engine.Tx) error {
	for _, name := range l.work.gone {
		l.findings = append(l.findings, referral.Finding{
			Code: "source-removed", Subject: name,
			Detail: "the project no longer has this source; its rows were removed",
		})
	}
	n, err := number(ctx, tx, "negative", "SELECT count(*) FROM event_facts AS f JOIN event_names AS n ON n.event_key = f.event_key WHERE f.value_minor < 0 AND n.event NOT IN "+inList(l.plan.refunds()))
	if err != nil {
		return err
	}
	if n > 0 {
		l.findings = append(l.findings, referral.Finding{
			Code: "negative-revenue", Subject: "events",
			Detail: fmt.Sprintf("%d events that are not refunds have a negative amount; it is counted as it is", n),
		})
	}
	return nil
}
