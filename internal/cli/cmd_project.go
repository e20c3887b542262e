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
			dir, err := files.Abs(args[0])
			if err != nil {
				return err
			}
			if err := demo.Write(cmd.Context(), dir, o); err != nil {
				if errors.Is(err, demo.ErrSize) || errors.Is(err, demo.ErrNotDemo) {
					return usageError{err}
				}
				return err
			}
			a.note("demo project of %s and %s in %s", count(o.Persons, "person", "persons"), count(o.Partners, "partner", "partners"), dir)
			a.note("next: vouch run --project %s", args[0])
			return nil
		},
	}
	c.Flags().Uint64Var(&o.Seed, "seed", demo.DefaultSeed, "seed of the random streams; equal seeds write equal bytes")
	c.Flags().IntVar(&o.Persons, "persons", demo.DefaultPersons, "number of persons")
	c.Flags().IntVar(&o.Partners, "partners", demo.DefaultPartners, "number of partners")
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
