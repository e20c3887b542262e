package ingest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// read runs the conversion into a table and returns its name. Events go straight to the table that
// keeps them, since copying millions of rows once more costs as much as reading them; other kinds
// wait in a temporary table until they are checked.
func (u unit) read(ctx context.Context, tx engine.Tx) (string, error) {
	rows := u.conv.rows(u.source.Name, u.batch)
	into, text := stagedEvents, "INSERT INTO "+stagedEvents+" BY NAME "+rows
	if u.table.Name != "events" {
		into, text = stage, "CREATE OR REPLACE TEMP TABLE "+stage+" AS "+rows
	}
	if err := tx.Exec(ctx, sqltext.Raw("ingest/read", text)); err != nil {
		return "", u.problem(err)
	}
	return into, nil
}

// countRows returns the rows of the batch and those to reject.
func (u unit) countRows(ctx context.Context, tx engine.Tx, into string) (rows, bad int64, err error) {
	st := sqltext.Raw("ingest/count_rows", "SELECT count(*), count(*) FILTER (WHERE bad) FROM "+into+" WHERE batch_id = ?", u.batch)
	err = engine.One(ctx, tx, st, &rows, &bad)
	return rows, bad, err
}

// quarantine writes what is wrong with the rejected rows. The file is read once more, because the
// good path keeps neither row numbers nor the texts it converted.
func (u unit) quarantine(ctx context.Context, tx engine.Tx, into string) error {
	names := make([]string, len(u.rel.cols))
	for i, c := range u.rel.cols {
		names[i] = ident(c.name)
	}
	list := strings.Join(names, ", ")
	if err := tx.Exec(ctx, sqltext.Raw("ingest/raw", "CREATE OR REPLACE TEMP TABLE ingest_raw AS SELECT "+list+" FROM "+u.rel.from)); err != nil {
		return u.problem(err)
	}
	// Rows the transaction has just written are numbered from a base of the engine's own.
	from := "(SELECT rowid - (SELECT min(rowid) FROM ingest_raw) + 1 AS ingest_row, " + list + " FROM ingest_raw)"
	text := fmt.Sprintf("INSERT INTO quarantine (source, file, row, column_name, code, message, raw, batch_id) SELECT ?, ?, ingest_row, col, code, message, raw, %d FROM (%s)",
		u.batch, u.conv.rejects(from))
	if err := tx.Exec(ctx, sqltext.Raw("ingest/quarantine", text, u.source.Name, u.name())); err != nil {
		return err
	}
	if err := tx.Exec(ctx, sqltext.Raw("ingest/raw", "DROP TABLE ingest_raw")); err != nil {
		return err
	}
	if into != stagedEvents {
		return nil
	}
	return tx.Exec(ctx, sqltext.Raw("ingest/drop_bad", "DELETE FROM "+stagedEvents+" WHERE bad AND batch_id = ?", u.batch))
}

// repeatedKeys rejects the rows whose key an earlier row has, in this file or in one loaded before,
// and returns the number of rejected rows of the batch.
func (u unit) repeatedKeys(ctx context.Context, tx engine.Tx, bad int64) (int64, error) {
	keys, match, shown := make([]string, len(u.table.Key)), make([]string, len(u.table.Key)), make([]string, len(u.table.Key))
	for i, k := range u.table.Key {
		keys[i] = ident(k)
		match[i] = fmt.Sprintf("s.%s IS NOT DISTINCT FROM t.%s", ident(k), ident(k))
		shown[i] = fmt.Sprintf("coalesce(CAST(%s AS VARCHAR), '')", ident(k))
	}
	list := strings.Join(keys, ", ")
	text := fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE ingest_repeated AS
SELECT id FROM (SELECT rowid AS id, row_number() OVER (PARTITION BY %s ORDER BY rowid) AS n FROM %s WHERE NOT bad) WHERE n > 1
UNION SELECT s.rowid FROM %s AS s JOIN %s AS t ON %s WHERE NOT s.bad`, list, stage, stage, ident(target(u.table.Name)), strings.Join(match, " AND "))
	if err := tx.Exec(ctx, sqltext.Raw("ingest/repeated", text)); err != nil {
		return 0, err
	}
	text = fmt.Sprintf(`INSERT INTO quarantine (source, file, row, column_name, code, message, raw, batch_id)
SELECT ?, ?, rowid - (SELECT min(rowid) FROM %s) + 1, ?, ?, ?, left(concat_ws(', ', %s), %d), batch_id FROM %s WHERE rowid IN (SELECT id FROM ingest_repeated)`,
		stage, strings.Join(shown, ", "), maxRaw, stage)
	message := "an earlier row of kind " + u.table.Name + " has the same " + strings.Join(u.table.Key, ", ") + ": keep one of them"
	st := sqltext.Raw("ingest/repeated", text, u.source.Name, u.name(), strings.Join(u.table.Key, ", "), CodeDuplicate, message)
	if err := tx.Exec(ctx, st); err != nil {
		return 0, err
	}
	if err := tx.Exec(ctx, sqltext.Raw("ingest/repeated", "UPDATE "+stage+" SET bad = true WHERE rowid IN (SELECT id FROM ingest_repeated)")); err != nil {
		return 0, err
	}
	var n int64
	err := engine.One(ctx, tx, sqltext.Raw("ingest/repeated", "SELECT count(*) FROM ingest_repeated"), &n)
	return bad + n, err
}

// finish moves the good rows to where they are kept, and tells equal events without an id apart.
func (u unit) finish(ctx context.Context, tx engine.Tx, _ int64) error {
	if u.table.Name == "events" {
		return u.numberEqualRows(ctx, tx)
	}
	names := make([]string, len(u.table.Columns))
	for i, c := range u.table.Columns {
		names[i] = ident(c.Name)
	}
	list := strings.Join(names, ", ") + ", source, batch_id"
	text := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE NOT bad ORDER BY rowid", ident(target(u.table.Name)), list, list, stage)
	if err := tx.Exec(ctx, sqltext.Raw("ingest/insert", text)); err != nil {
		return err
	}
	return tx.Exec(ctx, sqltext.Raw("ingest/insert", "DROP TABLE "+stage))
}

// numberEqualRows appends -2, -3, … to the ids of the second and further of equal rows of one file.
// Only ids made from rows are concerned; an id that the source repeats is a repeated delivery.
func (u unit) numberEqualRows(ctx context.Context, tx engine.Tx) error {
	for _, x := range u.conv.cells {
		if x.col.Name == "event_id" && x.given {
			return nil
		}
	}
	st := sqltext.Raw("ingest/number_equal_rows", `UPDATE ingest_events SET event_id = event_id || '-' || CAST(x.n AS VARCHAR)
FROM (SELECT rowid AS id, row_number() OVER (PARTITION BY event_id ORDER BY rowid) AS n FROM ingest_events
      WHERE batch_id = ? AND event_id IN (SELECT event_id FROM ingest_events WHERE batch_id = ? GROUP BY event_id HAVING count(*) > 1)) AS x
WHERE x.id = ingest_events.rowid AND x.n > 1`, u.batch, u.batch)
	return tx.Exec(ctx, st)
}

// sample keeps the first mapped rows as text, for a dry run.
func (u unit) sample(ctx context.Context, tx engine.Tx, into string, r *SourceReport) error {
	exprs := make([]string, len(u.table.Columns))
	r.Columns = nil
	for i, c := range u.table.Columns {
		exprs[i] = "CAST(" + ident(c.Name) + " AS VARCHAR)"
		r.Columns = append(r.Columns, c.Name)
	}
	const most = 5
	st := sqltext.Raw("ingest/sample", fmt.Sprintf("SELECT %s FROM %s WHERE batch_id = ? AND NOT bad ORDER BY rowid LIMIT %d", strings.Join(exprs, ", "), into, most), u.batch)
	var err error
	r.Sample, err = engine.Collect(ctx, tx, st, func(rows *sql.Rows) ([]*string, error) {
		vals := make([]*string, len(exprs))
		dest := make([]any, len(exprs))
		for i := range vals {
			dest[i] = &vals[i]
		}
		return vals, rows.Scan(dest...)
	})
	return err
}

// remember writes the manifest. The rows of a source with sql: are counted on its first file.
func (u unit) remember(ctx context.Context, tx engine.Tx, rows, bad int64) error {
	for _, f := range u.files {
		st := sqltext.Raw("ingest/manifest", `INSERT INTO load_manifest (source, kind, file, sha256, bytes, rows, accepted, duplicates, rejected, batch_id, mapping_sha256, columns)
VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`,
			u.source.Name, u.table.Name, f.name, f.sha, f.bytes, rows, rows-bad, bad, u.batch, u.hash, u.mapped.signature())
		if err := tx.Exec(ctx, st); err != nil {
			return err
		}
		rows, bad = 0, 0
	}
	return nil
}
