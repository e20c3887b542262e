package ingest

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vouch/internal/files"
	"vouch/referral"
)

// Plan says what to load into which terms.
type Plan struct {
	Root    string // absolute project directory
	Sources []Source
	// Getenv resolves ${VAR} in paths; nil knows no variables.
	Getenv func(string) string
	// Scope gives the reporting zone, the currency and the acquisition event.
	Scope referral.Scope
	// RevenueEvents earn and Refunds take back. No revenue events: every event with an amount that
	// is not a refund. No refunds: refund, reversal, chargeback.
	RevenueEvents []string
	Refunds       []string
	// Steps are the events that funnels read; they get a narrow copy of their rows.
	Steps  []string
	Only   string // load one source; the others stay as they are
	DryRun bool   // do everything, report, and roll back
	Log    *slog.Logger
}

// defaultRefunds are the events that take money back unless the project says otherwise.
var defaultRefunds = []string{"chargeback", "refund", "reversal"}

func (p Plan) refunds() []string {
	if len(p.Refunds) > 0 {
		return p.Refunds
	}
	return defaultRefunds
}

func (p Plan) zone() string {
	if p.Scope.Calendar.Zone == nil {
		return "UTC"
	}
	return p.Scope.Calendar.Zone.String()
}

// chosen returns the sources of this load.
func (p Plan) chosen() ([]Source, error) {
	if p.Only == "" {
		return p.Sources, nil
	}
	var names []string
	for _, s := range p.Sources {
		if s.Name == p.Only {
			return []Source{s}, nil
		}
		names = append(names, s.Name)
	}
	hint := "the project has " + strings.Join(names, ", ")
	if near := referral.Suggest(p.Only, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return nil, referral.Problems{{Path: "sources", Msg: fmt.Sprintf("there is no source %q", p.Only), Hint: hint}}
}

var variable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

// expand resolves ${VAR} and makes the path absolute. A variable that is not set is a problem, since
// an empty one would silently point elsewhere.
func (p Plan) expand(path string) (string, error) {
	missing := ""
	out := variable.ReplaceAllStringFunc(path, func(ref string) string {
		v, name := "", ref[2:len(ref)-1]
		if p.Getenv != nil {
			v = p.Getenv(name)
		}
		if v == "" && missing == "" {
			missing = name
		}
		return v
	})
	if missing != "" {
		return "", fmt.Errorf("%s: the environment variable %s is not set", path, missing)
	}
	if !filepath.IsAbs(out) {
		out = filepath.Join(p.Root, out)
	}
	return filepath.Clean(out), nil
}

// shown is the path as the manifest and messages name it: relative to the project where it lies
// below it, so that a project gives the same tables wherever it is checked out.
func (p Plan) shown(path string) string {
	if rel, err := filepath.Rel(p.Root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}

// Dirs returns the folders the engine must be allowed to read for a plan, sorted: the project and
// the folders of files outside of it. The error is referral.Problems for variables that are not set.
func Dirs(p Plan) ([]string, error) {
	if err := p.checkVariables(p.Sources).Err(); err != nil {
		return nil, err
	}
	dirs := []string{p.Root}
	for _, s := range p.Sources {
		for _, g := range s.globs() {
			full, err := p.expand(g.pattern)
			if err != nil {
				return nil, fmt.Errorf("source %s: %w", s.Name, err)
			}
			if dir := fixedDir(full); !within(p.Root, dir) && !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	slices.Sort(dirs)
	return dirs, nil
}

// checkVariables finds the paths that name variables without a value.
func (p Plan) checkVariables(sources []Source) referral.Problems {
	var ps referral.Problems
	for _, s := range sources {
		for _, g := range s.globs() {
			if _, err := p.expand(g.pattern); err != nil {
				path := p.place(s) + ".files"
				if s.Files.Named != nil {
					path += "." + g.alias
				}
				ps = append(ps, referral.Problem{Path: path, Msg: err.Error(), Hint: "set it or write the path out"})
			}
		}
	}
	return ps
}

// place is the path of a source in the configuration.
func (p Plan) place(s Source) string {
	i := slices.IndexFunc(p.Sources, func(o Source) bool { return o.Name == s.Name })
	return fmt.Sprintf("sources[%d]", i)
}

func within(root, dir string) bool {
	rel, err := filepath.Rel(root, dir)
	return err == nil && filepath.IsLocal(rel) && files.Within(root, dir)
}

// fixedDir is the deepest folder of a pattern that has no wildcard.
func fixedDir(pattern string) string {
	dir := filepath.Dir(pattern)
	for strings.ContainsAny(dir, "*?[") {
		dir = filepath.Dir(dir)
	}
	return dir
}

// glob is one alias and its pattern. The alias of a single glob is "input".
type glob struct{ alias, pattern string }

func (s Source) globs() []glob {
	if s.Files.Named == nil {
		return []glob{{"input", s.Files.Glob}}
	}
	out := make([]glob, 0, len(s.Files.Named))
	for a, g := range s.Files.Named {
		out = append(out, glob{a, g})
	}
	slices.SortFunc(out, func(a, b glob) int { return strings.Compare(a.alias, b.alias) })
	return out
}

// Settings are the terms the derived tables depend on, as one text. A database whose Summary shows
// another text was loaded on other terms and has to be loaded again before it is read.
func (p Plan) Settings() string {
	return strings.Join([]string{
		schemaVersion, p.zone(), p.Scope.Currency, p.Scope.Acquisition,
		strings.Join(p.RevenueEvents, ","), strings.Join(p.refunds(), ","),
	}, "|")
}
