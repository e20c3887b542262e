package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

// costColumns are the contract names: the costs need no mapping but their unit.
var costColumns = []string{"partner_id", "campaign", "day", "kind", "amount", "currency"}

// webSplit is the UTC day at which the web events change from one Parquet file to the next.
const webSplit = "2026-04-01"

// pack turns the scratch files into those of other formats: web events into two Parquet files, the
// costs into a zstd-compressed CSV. One thread writes, in the order of the input, so that the bytes
// depend on nothing else.
func pack(ctx context.Context, dir, scratch string) (err error) {
	db, err := duckdb.Open(ctx, duckdb.Options{Threads: 1, AllowedDirs: []string{dir, scratch}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	abs, err := files.Abs(dir)
	if err != nil {
		return err
	}
	types := make([]string, len(webColumns))
	for i, c := range webColumns {
		types[i] = fmt.Sprintf("'%s': 'VARCHAR'", c)
		if strings.HasSuffix(c, "_at") {
			types[i] = fmt.Sprintf("'%s': 'TIMESTAMP'", c)
		}
	}
	web := fmt.Sprintf("SELECT %s FROM read_csv(%s, header = true, delim = ',', quote = '\"', escape = '\"', columns = {%s})",
		strings.Join(webColumns, ", "), quoted(filepath.Join(scratch, "web.csv")), strings.Join(types, ", "))
	costs := fmt.Sprintf("SELECT %s FROM read_csv(%s, header = true, delim = ',', quote = '\"', escape = '\"', all_varchar = true)",
		strings.Join(costColumns, ", "), quoted(filepath.Join(scratch, "costs.csv")))
	parquet := "(FORMAT parquet, COMPRESSION zstd)"
	copies := []struct{ name, query, options string }{
		{"web/to-2026-03.parquet", web + " WHERE occurred_at < TIMESTAMP '" + webSplit + "'", parquet},
		{"web/from-2026-04.parquet", web + " WHERE occurred_at >= TIMESTAMP '" + webSplit + "'", parquet},
		{"costs.csv.zst", costs, "(FORMAT csv, HEADER, COMPRESSION zstd)"},
	}
	return db.Tx(ctx, func(tx engine.Tx) error {
		for _, c := range copies {
			to := filepath.Join(abs, "data", filepath.FromSlash(c.name))
			text := fmt.Sprintf("COPY (%s) TO %s %s", c.query, quoted(to), c.options)
			if err := tx.Exec(ctx, sqltext.Raw("demo/"+c.name, text)); err != nil {
				return fmt.Errorf("write %s: %w", to, err)
			}
		}
		return nil
	})
}

// quoted writes a text literal: COPY takes no placeholders for paths.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
