package ingest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSummarize_beforeAnyLoad(t *testing.T) {
	p := newProject(t, nil)
	s, err := Summarize(t.Context(), p.db)
	if err != nil || s.Loaded || s.Events != 0 || s.DataSHA256 != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestSummarize(t *testing.T) {
	src := csvSource("events")
	src.Reject.Text = "all"
	p := newProject(t, map[string]string{"events.csv": events(
		"e1,ann,purchase,2026-01-03T00:00:00Z,1,EUR", "e1,ann,purchase,2026-01-03T00:00:00Z,2,EUR", "e2,bob,signed_up,2026-01-01T00:00:00Z,,", "e3,,used,2026-01-01,,",
	)}, src)
	p.mustLoad()
	s, err := Summarize(t.Context(), p.db)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Loaded || s.Events != 2 || s.Persons != 2 || s.Timezone != "UTC" || s.Currency != "EUR" || len(s.DataSHA256) != 64 {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff([]EventCount{{"purchase", 1}, {"signed_up", 1}}, s.Catalogue); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"purchase", "signed_up"}, s.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"duplicate": 1}, s.Excluded); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"events": 1}, s.Quarantine); diff != "" {
		t.Error(diff)
	}
	if !s.First.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || !s.Last.Equal(time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("from %v to %v", s.First, s.Last)
	}
	f := s.Files[0]
	if f.File != "events.csv" || f.Rows != 4 || f.Accepted != 2 || f.Duplicates != 1 || f.Rejected != 1 || f.Bytes == 0 || len(f.SHA256) != 64 {
		t.Errorf("file %+v", f)
	}
}

// The fingerprint of the data follows files and mappings, not the number or order of loads.
func TestSummarize_dataHash(t *testing.T) {
	glob := Source{Name: "events", Kind: "events", Files: Files{Glob: "data/*.csv"}}
	hash := func(p *project) string {
		t.Helper()
		s, err := Summarize(t.Context(), p.db)
		if err != nil {
			t.Fatal(err)
		}
		return s.DataSHA256
	}
	one, two := events("e1,ann,purchase,2026-01-01,1,EUR"), events("e2,ann,purchase,2026-01-01,1,EUR")
	a := newProject(t, map[string]string{"data/2.csv": two}, glob)
	a.mustLoad()
	first := hash(a)
	a.write(map[string]string{"data/1.csv": one})
	a.mustLoad()
	b := newProject(t, map[string]string{"data/1.csv": one, "data/2.csv": two}, glob)
	b.mustLoad()
	if hash(a) != hash(b) || hash(a) == first {
		t.Errorf("step by step %s, at once %s, before %s", hash(a), hash(b), first)
	}
	before := hash(b)
	b.plan.Sources[0].Unit = "major"
	b.mustLoad()
	if hash(b) == before {
		t.Error("another mapping has the same fingerprint")
	}
}
