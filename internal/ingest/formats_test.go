package ingest

import (
	"path/filepath"
	"strings"
	"testing"

	"vouch/internal/sqltext"
)

// The same rows in every format and compression give the same tables.
func TestLoad_formatsAndCompressions(t *testing.T) {
	dir := t.TempDir()
	db := memory(t, dir)
	rows := `SELECT * FROM (VALUES
 ('e1', 'ann', 'purchase', TIMESTAMP '2026-01-02 10:00:00.123456', CAST(1999 AS BIGINT), 'EUR', 'gold'),
 ('e2', 'bob', 'purchase', TIMESTAMP '2026-01-03 10:00:00', CAST(NULL AS BIGINT), NULL, NULL),
 ('e3', 'Ünal', 'refund', TIMESTAMP '2026-01-04 10:00:00', CAST(50 AS BIGINT), 'JPY', 'line' || chr(10) || 'break, "quoted"')
) AS t(event_id, person_id, event, occurred_at, amount_minor, currency, tier)`
	options := map[string]string{
		"e.csv": "FORMAT csv", "e.csv.gz": "FORMAT csv, COMPRESSION gzip", "e.csv.zst": "FORMAT csv, COMPRESSION zstd",
		"e.ndjson": "FORMAT json", "e.ndjson.gz": "FORMAT json, COMPRESSION gzip", "e.ndjson.zst": "FORMAT json, COMPRESSION zstd",
		"e.parquet": "FORMAT parquet", "e2.parquet": "FORMAT parquet, COMPRESSION zstd",
	}
	want := ""
	for _, name := range []string{"e.csv", "e.csv.gz", "e.csv.zst", "e.ndjson", "e.ndjson.gz", "e.ndjson.zst", "e.parquet", "e2.parquet"} {
		path := filepath.Join(dir, name)
		if err := db.Exec(t.Context(), sqltext.Raw("copy", "COPY ("+rows+") TO '"+path+"' ("+options[name]+")")); err != nil {
			t.Fatal(err)
		}
		p := newProject(t, nil, Source{Name: "events", Kind: "events", Files: Files{Glob: path}})
		dirs, err := Dirs(p.plan)
		if err != nil {
			t.Fatal(err)
		}
		p.db = memory(t, dirs...)
		p.mustLoad()
		got := strings.Join(p.rows("SELECT event_id, person_id, event, occurred_at, amount_minor, currency, properties FROM events ORDER BY event_id"), "\n")
		if want == "" {
			want = got
			if !strings.Contains(got, `e3|Ünal|refund|2026-01-04T10:00:00|50|JPY|{"tier":"line\nbreak, \"quoted\""}`) || !strings.Contains(got, "e1|ann|purchase|2026-01-02T10:00:00.123456|1999|EUR|") {
				t.Fatalf("%s:\n%s", name, got)
			}
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// JSON keeps what a value was: numbers and objects stay so in properties, dotted paths reach inside.
func TestLoad_jsonValues(t *testing.T) {
	src := Source{Name: "events", Kind: "events", Files: Files{Glob: "e.ndjson"}, Map: map[string]Mapped{
		"event_id": {Column: "messageId"}, "occurred_at": {Column: "timestamp"}, "person_id": {Column: "userId"},
		"amount_minor": {Column: "props.revenue"}, "currency": {Column: "props.currency"},
	}}
	p := newProject(t, map[string]string{"e.ndjson": `{"messageId":"m1","userId":7,"event":"purchase","timestamp":"2026-01-01T00:00:00Z","props":{"revenue":12.30,"currency":"EUR","deep":[1,{"a":null}]},"n":1.50,"ok":true,"none":null}
{"messageId":"m2","userId":"8","event":"used","timestamp":"2026-01-01T00:00:00Z","empty":""}

`}, src)
	r := p.mustLoad()
	p.expect("SELECT event_id, person_id, amount_minor, currency, properties FROM events ORDER BY event_id",
		`m1|7|1230|EUR|{"n":1.5,"ok":true,"props":{"revenue":12.3,"currency":"EUR","deep":[1,{"a":null}]}}`,
		`m2|8|∅|∅|{"empty":""}`)
	if got := strings.Join(r.Sources[0].Unknown, ","); got != "empty,n,none,ok,props" {
		t.Errorf("unknown columns %s", got)
	}
}

// Columns of a Parquet file convert from their own types.
func TestLoad_parquetTypes(t *testing.T) {
	dir := t.TempDir()
	db := memory(t, dir)
	path := filepath.Join(dir, "e.parquet")
	rows := `SELECT CAST(1 AS BIGINT) AS event_id, CAST(42 AS INTEGER) AS person_id, 'purchase' AS event,
  TIMESTAMPTZ '2026-07-01 12:00:00+02' AS occurred_at, TIMESTAMP '2026-07-01 12:00:00' AS received_at,
  CAST(12.30 AS DECIMAL(9,2)) AS amount, DATE '2026-07-01' AS d, CAST('nan' AS DOUBLE) AS x, 1.5::DOUBLE AS y, true AS z, [1, 2] AS l, 'ab'::BLOB AS b`
	if err := db.Exec(t.Context(), sqltext.Raw("copy", "COPY ("+rows+") TO '"+path+"' (FORMAT parquet)")); err != nil {
		t.Fatal(err)
	}
	p := newProject(t, nil, Source{Name: "events", Kind: "events", Files: Files{Glob: path}, Zone: "Europe/Berlin", Map: map[string]Mapped{"amount_minor": {Column: "amount"}}})
	p.db = memory(t, dir, p.plan.Root)
	p.mustLoad()
	p.expect("SELECT event_id, person_id, occurred_at, received_at, amount_minor, properties FROM events",
		`1|42|2026-07-01T10:00:00|2026-07-01T10:00:00|1230|{"b":"6162","d":"2026-07-01","l":[1,2],"y":1.5,"z":true}`)
}
