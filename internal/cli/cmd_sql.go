package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/pipeline"
	"vouch/internal/sqltext"
	"vouch/reports/chart"
)

func (a *app) sqlCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sql NAME", Short: "The SQL behind a number, for duckdb or with --engine trino", Args: exactly(1),
		Long: "sql prints the statements behind an analysis: funnel/NAME, cohorts/NAME, experiment/NAME, attribution/NAME or partners. " +
			"A name that only one section has may stand alone.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				d := s.DB.Dialect()
				if a.flags.engine == "trino" {
					d = sqltext.Trino{}
				}
				ss, err := s.Statements(d, args[0])
				if err != nil {
					return answer{}, err
				}
				t := newTable("", 2, "statement", "sql")
				var result []map[string]any
				for _, x := range ss {
					t.add(x.Name, x.Text)
					result = append(result, map[string]any{"name": x.Name, "sql": x.Text, "args": x.Args})
				}
				return answer{
					schema: "vouch.sql/1", result: result, tables: []table{t},
					text: func(w io.Writer) { fmt.Fprint(w, pipeline.SQLText(ss)) },
				}, nil
			})
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Versions of the program, its engine and its charts", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			db, err := duckdb.Open(cmd.Context(), duckdb.Options{})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			v, err := db.Version(cmd.Context())
			if err != nil {
				return err
			}
			result := map[string]string{"vouch": pipeline.Version, "duckdb": v, "go": goVersion(), "echarts": chartVersion()}
			t := newTable("", 2, "component", "version")
			for _, k := range []string{"vouch", "duckdb", "go", "echarts"} {
				t.add(k, result[k])
			}
			return a.print(answer{schema: "vouch.version/1", result: result, tables: []table{t}})
		},
	}
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Settings, limits and state of a project", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withProject(cmd.Context(), false, func(p *pipeline.Project) error {
				settings, err := p.DB.Settings(cmd.Context())
				if err != nil {
					return err
				}
				run, err := p.Identify(cmd.Context())
				if err != nil {
					return err
				}
				t := newTable("", 2, "setting", "value")
				result := map[string]string{}
				add := func(k, v string) {
					t.add(k, v)
					result[k] = v
				}
				add("project", p.Dir)
				add("database", p.Cfg.Database)
				if n, err := files.Size(databasePath(p)); err == nil {
					add("database bytes", strconv.FormatInt(n, 10))
				}
				if n, err := files.FreeSpace(p.Dir); err == nil {
					add("free bytes", strconv.FormatInt(n, 10))
				}
				add("as of", asOfText(p.Scope))
				add("zone", p.Cfg.Timezone)
				add("vouch", run.Vouch)
				add("duckdb", run.DuckDB)
				add("charts", chartVersion())
				for _, k := range sortedKeys(settings) {
					add("duckdb "+k, settings[k])
				}
				return a.print(answer{schema: "vouch.doctor/1", run: &run, result: result, tables: []table{t}})
			})
		},
	}
}

// chartVersion is the version of the chart library, or why there is none.
func chartVersion() string {
	v, err := chart.Version()
	if err != nil {
		return "missing: run `make assets` and build again"
	}
	return v
}
