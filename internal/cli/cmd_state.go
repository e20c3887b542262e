package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"vouch/internal/files"
	"vouch/internal/pipeline"
)

// databasePath is where the project's database lies.
func databasePath(p *pipeline.Project) string {
	if filepath.IsAbs(p.Cfg.Database) {
		return p.Cfg.Database
	}
	return filepath.Join(p.Dir, p.Cfg.Database)
}

func (a *app) exportCommand() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use: "export --to DIR", Short: "Write the contract tables as Hive-partitioned Parquet for a cluster", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usageError{errors.New("export needs --to DIR")}
			}
			dir, err := files.Abs(to)
			if err != nil {
				return err
			}
			return a.withProject(cmd.Context(), false, func(p *pipeline.Project) error {
				run, err := p.Identify(cmd.Context())
				if err != nil {
					return err
				}
				rows, err := p.Export(cmd.Context(), dir)
				if err != nil {
					return err
				}
				t := newTable("", 1, "table", "rows")
				for _, k := range sortedKeys(rows) {
					t.add(k, strconv.FormatInt(rows[k], 10))
				}
				return a.print(answer{schema: "vouch.export/1", run: &run, result: map[string]any{"dir": dir, "rows": rows}, tables: []table{t}})
			}, dir)
		},
	}
	c.Flags().StringVar(&to, "to", "", "`DIR` to write to; it must not exist or be empty")
	return c
}

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write a verified copy of the project's state", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := files.Abs(args[0])
			if err != nil {
				return err
			}
			if files.Exists(path) {
				return usageError{fmt.Errorf("%s exists already; a backup never overwrites one", path)}
			}
			return a.withProject(cmd.Context(), true, func(p *pipeline.Project) error {
				if err := p.Backup(cmd.Context(), path); err != nil {
					return err
				}
				return a.print(written("vouch.backup/1", path, "wrote and checked "+path))
			})
		},
	}
}

func (a *app) restoreCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup in place, after checking it", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := files.Abs(args[0])
			if err != nil {
				return err
			}
			err = pipeline.Restore(cmd.Context(), pipeline.Options{
				Dir: a.flags.project, Getenv: a.env.Getenv, Now: a.env.Now(), Log: a.log,
			}, path, force)
			if err != nil {
				return err
			}
			return a.print(written("vouch.restore/1", path, "restored "+path))
		},
	}
	c.Flags().BoolVar(&force, "force", false, "replace the state the project has")
	return c
}
