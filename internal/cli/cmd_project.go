package cli

import (
	"embed"
	"errors"
	"fmt"
	"io"
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
	var force bool
	c := &cobra.Command{
		Use: "demo DIR", Short: "Write a demo project with seeded data and the truth behind it", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := files.Abs(args[0])
			if err != nil {
				return err
			}
			if files.Exists(filepath.Join(dir, "truth.json")) && !force {
				return usageError{fmt.Errorf("%s holds a demo already; --force replaces it with its configuration", dir)}
			}
			if err := demo.Write(cmd.Context(), dir, o); err != nil {
				if errors.Is(err, demo.ErrSize) || errors.Is(err, demo.ErrNotDemo) {
					return usageError{err}
				}
				return err
			}
			a.note("next: vouch run --project %s", args[0])
			return a.print(written("vouch.demo/1", dir, fmt.Sprintf("demo project of %s and %s in %s",
				count(o.Persons, "person", "persons"), count(o.Partners, "partner", "partners"), dir)))
		},
	}
	c.Flags().BoolVar(&force, "force", false, "replace a demo that is there")
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
			if err := files.MkdirAll(filepath.Join(args[0], "data")); err != nil {
				return err
			}
			if err := files.WriteAtomic(path, text); err != nil {
				return err
			}
			a.note("put your files into %s, adjust the sources, then run `vouch load --dry-run --project %s`", filepath.Join(args[0], "data"), args[0])
			return a.print(written("vouch.init/1", path, "wrote "+path))
		},
	}
	c.Flags().StringVar(&preset, "preset", "events", "starting point: "+strings.Join(presetNames(), ", "))
	return c
}

// written is the answer of a command whose result is a file or folder.
func written(schema, path, sentence string) answer {
	t := newTable("", 1, "path")
	t.add(path)
	return answer{
		schema: schema, result: map[string]string{"path": path}, tables: []table{t},
		text: func(w io.Writer) { fmt.Fprintln(w, sentence) },
	}
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
