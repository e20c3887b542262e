package ingest

import (
	"testing"

	"vouch/internal/sqltext"
)

// acquisitionColumns are those of the contract: ids, not keys.
const acquisitionColumns = "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'acquisitions'"

// A load leaves the view of acquisitions, over a database of a version that kept a table of keys under
// that name as well as over one of a version that had the view.
func TestLoad_acquisitionsAreAViewById(t *testing.T) {
	const want = "person_id partner_id variant at weight"
	p := newProject(t, map[string]string{"events.csv": threeEvents}, csvSource("events"))
	p.mustLoad()
	p.expect(acquisitionColumns, want)
	const aged = "UPDATE meta SET value = '2' WHERE key = 'schema_version'"
	for _, old := range [][]string{
		{"DROP VIEW acquisitions", "CREATE TABLE acquisitions (person_key BIGINT, weight BIGINT)", aged, "UPDATE load_manifest SET mapping_sha256 = 'old'"},
		{aged, "UPDATE load_manifest SET mapping_sha256 = 'old'"},
		{"DROP VIEW acquisitions", aged, "UPDATE load_manifest SET mapping_sha256 = 'old'"},
	} {
		for _, text := range old {
			if err := p.db.Exec(t.Context(), sqltext.Raw("test", text)); err != nil {
				t.Fatal(err)
			}
		}
		p.mustLoad()
		p.expect(acquisitionColumns, want)
		p.expect("SELECT count(*) FROM acquisitions", "0")
	}
}
