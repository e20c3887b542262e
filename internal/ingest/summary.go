package ingest

import (
	"context"
	"database/sql"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// Header is what every analysis asks about the data of a database before it reads them.
type Header struct {
	// Loaded is false when no load has ever finished; everything else is then empty.
	Loaded     bool
	DataSHA256 string
	Timezone   string
	Currency   string
	Settings   string            // Plan.Settings of the last load that changed something
	Meta       map[string]string // everything the load and the stages after it noted
	Catalogue  []EventCount      // in order of name
}

// Summary is what pages and checks say about the data of a database.
type Summary struct {
	Header
	Files      []LoadedFile
	Events     int64
	Persons    int64
	Excluded   map[string]int64 // rows kept out of analyses, by reason
	Quarantine map[string]int64 // rejected rows, by source
	// First and Last are the times of the first and last analysed event, zero without any.
	First, Last time.Time
}

// LoadedFile is one file of the manifest. The rows of a source with sql: are counted on its first file.
type LoadedFile struct {
	Source     string `json:"source"`
	Kind       string `json:"kind"`
	File       string `json:"file"`
	SHA256     string `json:"sha256"`
	Bytes      int64  `json:"bytes"`
	Rows       int64  `json:"rows"`
	Accepted   int64  `json:"accepted"`
	Duplicates int64  `json:"duplicates"`
	Rejected   int64  `json:"rejected"`
}

// EventCount is one event name and its analysed rows.
type EventCount struct {
	Event string `json:"event"`
	Rows  int64  `json:"rows"`
}

// Names lists the event names of the catalogue, for checks of configuration.
func (h Header) Names() []string {
	out := make([]string, len(h.Catalogue))
	for i, c := range h.Catalogue {
		out[i] = c.Event
	}
	return out
}

// ReadHeader reads it: two small tables, whatever the data.
func ReadHeader(ctx context.Context, db engine.DB) (h Header, err error) {
	has, err := hasTables(ctx, db)
	if err != nil || !has {
		return h, err
	}
	if h.Meta, err = readMeta(ctx, db); err != nil {
		return h, err
	}
	h.Loaded, h.DataSHA256, h.Timezone, h.Currency = true, h.Meta["data_sha256"], h.Meta["timezone"], h.Meta["currency"]
	h.Settings = h.Meta["settings"]
	h.Catalogue, err = engine.Collect(ctx, db, sqltext.Raw("ingest/catalogue", "SELECT event, rows FROM event_names ORDER BY event"),
		func(r *sql.Rows) (EventCount, error) {
			var c EventCount
			return c, r.Scan(&c.Event, &c.Rows)
		})
	return h, err
}

// Summarize reads what was loaded.
func Summarize(ctx context.Context, db engine.DB) (Summary, error) {
	s := Summary{Excluded: map[string]int64{}, Quarantine: map[string]int64{}}
	var err error
	if s.Header, err = ReadHeader(ctx, db); err != nil || !s.Loaded {
		return s, err
	}
	manifest, err := readManifest(ctx, db)
	if err != nil {
		return s, err
	}
	for _, m := range manifest {
		s.Files = append(s.Files, LoadedFile{
			Source: m.Source, Kind: m.Kind, File: m.File, SHA256: m.SHA, Bytes: m.Bytes,
			Rows: m.Rows, Accepted: m.Accepted, Duplicates: m.Duplicates, Rejected: m.Rejected,
		})
		if m.Rejected > 0 {
			s.Quarantine[m.Source] += m.Rejected
		}
	}
	if s.Excluded, err = excluded(ctx, db); err != nil {
		return s, err
	}
	if s.Persons, err = number(ctx, db, "count", "SELECT count(*) FROM persons"); err != nil {
		return s, err
	}
	var first, last sql.NullTime
	st := sqltext.Raw("ingest/extent", "SELECT count(*), min(occurred_at), max(occurred_at) FROM event_facts")
	if err := engine.One(ctx, db, st, &s.Events, &first, &last); err != nil {
		return s, err
	}
	s.First, s.Last = first.Time, last.Time
	return s, nil
}
