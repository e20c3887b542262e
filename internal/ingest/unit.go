package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/files"
	"vouch/internal/schema"
	"vouch/referral"
)

// unit is what is loaded in one statement and remembered as one batch: a file, or all files of a
// source with sql:.
type unit struct {
	source Source
	table  schema.Table
	files  []file
	conv   conversion
	mapped mapping
	rel    relation
	batch  int64
	hash   string // of the mapping
}

// name is how messages and the quarantine call the unit.
func (u unit) name() string {
	names := make([]string, len(u.files))
	for i, f := range u.files {
		names[i] = f.name
	}
	return strings.Join(names, "+")
}

// mappingHash is the fingerprint of everything that decides what a file's rows become: the source
// without its files and tolerances, and the project's currency and zone, which fill gaps.
func mappingHash(s Source, p Plan) (string, error) {
	s.Files, s.Reject, s.Optional = Files{}, Tolerance{}, false
	b, err := json.Marshal(struct {
		Source                  Source
		Currency, Zone, Version string
	}{s, p.Scope.Currency, p.zone(), schemaVersion})
	if err != nil {
		return "", fmt.Errorf("source %s: %w", s.Name, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// findFiles resolves the files of a source and probes each. Problems are collected.
func findFiles(p Plan, s Source) ([]file, []Rejection, error) {
	var out []file
	var problems []Rejection
	for _, g := range s.globs() {
		full, err := p.expand(g.pattern)
		if err != nil {
			return nil, nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		paths, err := files.Glob(full)
		if err != nil {
			return nil, nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		if len(paths) == 0 && !s.Optional {
			problems = append(problems, Rejection{Source: s.Name, File: p.shown(full), Code: CodeMissingFile, Message: "no such file", Hint: "check files: of the source, or set optional: true"})
		}
		for _, path := range paths {
			if strings.ContainsAny(path, "*?[") { // the engine would take the name for a pattern and read other files
				problems = append(problems, Rejection{Source: s.Name, File: p.shown(path), Code: CodeUnreadable, Message: "the path holds *, ? or [, which stand for other files", Hint: "rename it"})
				continue
			}
			f := file{alias: g.alias, path: path, name: p.shown(path), format: s.Format}
			if f.format == "" {
				var known bool
				if f.format, known = formatOf(path); !known {
					problems = append(problems, Rejection{Source: s.Name, File: f.name, Code: CodeUnreadable, Message: "the file name tells no format", Hint: "set format: csv, ndjson or parquet"})
					continue
				}
			}
			problem, err := f.probe()
			if err != nil {
				return nil, nil, err
			}
			if problem != nil {
				problem.Source, problem.File = s.Name, f.name
				problems = append(problems, *problem)
				continue
			}
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return out, problems, nil
}

// prepare finds the columns of a unit and binds its source to them.
func (u *unit) prepare(ctx context.Context, q engine.Querier, p Plan) ([]Rejection, error) {
	parts := map[string][]relation{}
	var problems []Rejection
	for i := range u.files {
		rel, problem, err := relationOf(ctx, q, u.source, &u.files[i])
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", u.source.Name, err)
		}
		if problem != nil {
			problem.Source, problem.File = u.source.Name, u.files[i].name
			problems = append(problems, *problem)
			continue
		}
		parts[u.files[i].alias] = append(parts[u.files[i].alias], rel)
		u.rel = rel
	}
	if len(problems) > 0 {
		return problems, nil
	}
	if u.source.SQL != "" {
		problem, err := u.join(ctx, q, p, parts)
		if err != nil || problem != nil {
			return asList(problem), err
		}
	}
	u.mapped, problems = bind(u.source, u.table, u.rel.cols)
	for i := range problems {
		if u.source.SQL == "" { // else the files are as they should be
			problems[i].File = u.name()
		}
	}
	u.conv = newConversion(u.table, u.rel, u.mapped, terms{currency: p.Scope.Currency, zone: p.zone()})
	return problems, nil
}

// join makes the relation of the source's SELECT. What the SELECT asks of files that are as they
// should be is a problem of the configuration, which is the error.
func (u *unit) join(ctx context.Context, q engine.Querier, p Plan, parts map[string][]relation) (*Rejection, error) {
	for _, a := range u.source.aliases() {
		if len(parts[a]) == 0 { // of an optional source; the name would else open a table of the database
			return &Rejection{
				Source: u.source.Name, Code: CodeMissingFile, Message: fmt.Sprintf("the SELECT of sql: needs a file for %q, and there is none", a),
				Hint: "deliver all files of the source together",
			}, nil
		}
	}
	rel, err := sqlRelation(ctx, q, u.source, parts)
	if err == nil {
		u.rel = rel
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	for i := range u.files {
		if f := &u.files[i]; strings.Contains(err.Error(), f.path) {
			problem, err := readProblem(err, f)
			if problem != nil {
				problem.Source, problem.File = u.source.Name, f.name
			}
			return problem, err
		}
	}
	hint := "its tables are " + strings.Join(u.source.aliases(), ", ")
	return nil, referral.Problems{{Path: p.place(u.source) + ".sql", Msg: "is refused: " + firstLine(err), Hint: hint}}
}

// asList is the list of a problem, if there is one.
func asList(r *Rejection) []Rejection {
	if r == nil {
		return nil
	}
	return []Rejection{*r}
}

// problem turns an error of reading the unit into what is wrong with the file it is about.
func (u unit) problem(err error) error {
	about := u.files[0]
	for _, f := range u.files {
		if strings.Contains(err.Error(), f.path) {
			about = f
		}
	}
	r, err := readProblem(err, &about)
	if err != nil {
		if u.source.SQL != "" && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			// The SELECT is the user's: what fails in it is a matter of the input.
			return refuse([]Rejection{{Source: u.source.Name, File: u.name(), Code: CodeSQL, Message: "the SELECT of sql: fails on the data: " + firstLine(err), Hint: "use TRY_CAST where a text may not convert"}})
		}
		return fmt.Errorf("source %s: %w", u.source.Name, err)
	}
	r.Source, r.File = u.source.Name, about.name
	return refuse([]Rejection{*r})
}
