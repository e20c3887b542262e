package quality

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// Table is the contract table of flags: (subject_kind, subject, kind, evidence JSON text, since).
const Table = "flags"

// Kinds of flags and of their subjects.
const (
	Ring    = "ring"
	Burst   = "burst"
	Person  = "person"
	Partner = "partner"
)

// flag is one row of the table.
type flag struct {
	subjectKind, subject, kind, evidence string
	since                                time.Time
}

// params is the data of the SQL files.
type params struct {
	AsOf   time.Time
	Signup string
}

// Statements lists the SQL behind Flag.
func Statements(d sqltext.Dialect, scope referral.Scope) ([]sqltext.Stmt, error) {
	var out []sqltext.Stmt
	for _, name := range []string{"excluded", "rings", "signups"} {
		s, err := statements.Render(d, name, params{scope.AsOf, scope.SignupName()})
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Flag replaces the contract table flags with what is known before scope.AsOf, in one transaction,
// and returns a finding per kind with the number of its subjects.
func Flag(ctx context.Context, w engine.Writer, scope referral.Scope) ([]referral.Finding, error) {
	st, err := Statements(w.Dialect(), scope)
	if err != nil {
		return nil, err
	}
	flags, err := excluded(ctx, w, st[0])
	if err != nil {
		return nil, fmt.Errorf("flag: %w", err)
	}
	rings, err := rings(ctx, w, st[1])
	if err != nil {
		return nil, fmt.Errorf("flag: %w", err)
	}
	bursts, err := bursts(ctx, w, st[2], scope)
	if err != nil {
		return nil, fmt.Errorf("flag: %w", err)
	}
	flags = slices.Concat(flags, rings, bursts)
	slices.SortFunc(flags, func(a, b flag) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.subject, b.subject), a.since.Compare(b.since), cmp.Compare(a.evidence, b.evidence))
	})
	if err := write(ctx, w, flags); err != nil {
		return nil, fmt.Errorf("flag: %w", err)
	}
	return summary(flags), nil
}

func excluded(ctx context.Context, q engine.Querier, st sqltext.Stmt) ([]flag, error) {
	return engine.Collect(ctx, q, st, func(r *sql.Rows) (flag, error) {
		f := flag{subjectKind: Person}
		var events int64
		if err := r.Scan(&f.subject, &f.kind, &events, &f.since); err != nil {
			return f, err
		}
		var err error
		f.evidence, err = evidence(struct {
			Events int64 `json:"events"`
		}{events})
		return f, err
	})
}

func rings(ctx context.Context, q engine.Querier, st sqltext.Stmt) ([]flag, error) {
	return engine.Collect(ctx, q, st, func(r *sql.Rows) (flag, error) {
		f := flag{subjectKind: Person, kind: Ring}
		var referrer string
		var third sql.Null[string]
		if err := r.Scan(&f.subject, &referrer, &third, &f.since); err != nil {
			return f, err
		}
		members := []string{f.subject, referrer}
		if third.Valid {
			members = append(members, third.V)
		}
		var err error
		f.evidence, err = evidence(struct {
			Members []string `json:"members"` // each referred by the next, the last by the first
		}{members})
		return f, err
	})
}

func evidence(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// chunk is the number of rows of one insert.
const chunk = 500

func write(ctx context.Context, w engine.Writer, flags []flag) error {
	table := w.Dialect().Ident(Table)
	return w.Tx(ctx, func(tx engine.Tx) error {
		create := "CREATE OR REPLACE TABLE " + table + " (subject_kind VARCHAR, subject VARCHAR, kind VARCHAR, evidence VARCHAR, since TIMESTAMP)"
		if err := tx.Exec(ctx, sqltext.Raw("quality/create", create)); err != nil {
			return err
		}
		for part := range slices.Chunk(flags, chunk) {
			row := "(?, ?, ?, ?, " + w.Dialect().TimestampArg() + ")"
			args := make([]any, 0, 5*len(part))
			for _, f := range part {
				args = append(args, f.subjectKind, f.subject, f.kind, f.evidence, f.since.UTC().Format("2006-01-02 15:04:05.000000"))
			}
			text := "INSERT INTO " + table + " VALUES " + strings.TrimSuffix(strings.Repeat(row+", ", len(part)), ", ")
			if err := tx.Exec(ctx, sqltext.Raw("quality/insert", text, args...)); err != nil {
				return err
			}
		}
		return nil
	})
}

// summary counts the subjects of each kind.
func summary(flags []flag) []referral.Finding {
	subjects := map[string]map[string]bool{}
	for _, f := range flags {
		if subjects[f.kind] == nil {
			subjects[f.kind] = map[string]bool{}
		}
		subjects[f.kind][f.subject] = true
	}
	var out []referral.Finding
	for kind, set := range subjects {
		out = append(out, referral.Finding{
			Code: "flagged", Subject: kind, Detail: flaggedText(len(set)),
		})
	}
	return referral.SortFindings(out)
}

// flaggedText says how many are flagged and where the evidence is.
func flaggedText(n int) string {
	if n == 1 {
		return "1 is flagged; `vouch check --rows` lists it with the evidence"
	}
	return fmt.Sprintf("%d are flagged; `vouch check --rows` lists them with the evidence", n)
}
