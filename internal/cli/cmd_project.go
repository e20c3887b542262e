package cli

import (
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"vouch/internal/demo"
	"vouch/internal/files"
)

//go:embed preset/*.yaml
var presets embed.FS

func (a *app) demoCommand() *cobra.Command {
	o := demo.Options{}
	c := &cobra.Command{
		Use: "demo DIR", Short: "Write a demo project with seeded data and the truth behind it", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Persons < 100 || o.Partners < 7 {
				return usageError{errors.New("the demo needs at least 100 persons and 7 partners, one of each archetype")}
			}
			dir, err := files.Abs(args[0])
			if err != nil {
				return err
			}
			if files.Exists(filepath.Join(dir, "vouch.yaml")) && !files.Exists(filepath.Join(dir, "truth.json")) {
				return usageError{fmt.Errorf("%s holds a project that is not a demo; choose another folder", dir)}
			}
			if err := demo.Write(cmd.Context(), dir, o); err != nil {
				return err
			}
			a.note("demo project of %s and %s in %s", count(o.Persons, "person", "persons"), count(o.Partners, "partner", "partners"), dir)
			a.note("next: vouch run --project %s", args[0])
			return nil
		},
	}
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of the random streams; equal seeds write equal bytes")
	c.Flags().IntVar(&o.Persons, "persons", 20_000, "number of persons")
	c.Flags().IntVar(&o.Partners, "partners", 60, "number of partners")
	return c
}

func (a *app) initCommand() *cobra.Command {
	var preset string
	c := &cobra.Command{
		Use: "init DIR", Short: "Write a commented vouch.yaml to start from", Args: exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := presets.ReadFile("preset/" + preset + ".yaml")
			if err != nil {
				return usageError{fmt.Errorf("there is no preset %q: use %s", preset, strings.Join(presetNames(), ", "))}
			}
			path := filepath.Join(args[0], "vouch.yaml")
			if files.Exists(path) {
				return usageError{fmt.Errorf("%s exists already; nothing was changed", path)}
			}
			if err := files.MkdirAll(args[0]); err != nil {
				return err
			}
			if err := files.WriteAtomic(path, text); err != nil {
				return err
			}
			a.note("wrote %s: put your files below %s/data, adjust the sources, then run `vouch load --dry-run --project %s`", path, args[0], args[0])
			return nil
		},
	}
	c.Flags().StringVar(&preset, "preset", "events", "starting point: "+strings.Join(presetNames(), ", "))
	return c
}

func presetNames() []string {
	es, err := presets.ReadDir("preset")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range es {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	sort.Strings(out)
	return out
}
