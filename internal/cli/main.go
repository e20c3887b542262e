package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"vouch/referral"
)

// app is one invocation of the program.
type app struct {
	env   Env
	flags globalFlags
	log   *slog.Logger
}

// globalFlags are those every command takes.
type globalFlags struct {
	project, asOf, engine, format string
	timings, quiet, verbose       bool
}

// Main runs the program and returns its exit code.
func Main(env Env) int {
	ctx, stop := notifyContext(context.Background(), interrupts...)
	defer stop()
	out := &checkedWriter{w: env.Stdout}
	env.Stdout = out
	a := &app{env: env, log: slog.New(slog.DiscardHandler)}
	err := a.execute(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("write the result: %w", out.err)
	}
	if err == nil {
		return exitOK
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = errors.New("interrupted; nothing half-written was kept")
	}
	a.printError(err)
	return exitCode(err)
}

// execute runs the command line. A panic is a defect of the program, not of the input: it ends the
// run like any other failure, with the transaction rolled back, and shows its trace under --verbose.
func (a *app) execute(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v; please report it with the command and its input", p)
			if a.flags.verbose {
				err = fmt.Errorf("%w\n%s", err, debug.Stack())
			}
		}
	}()
	root := a.root()
	root.SetArgs(a.env.Args)
	root.SetIn(a.env.Stdin)
	root.SetOut(a.env.Stdout)
	root.SetErr(a.env.Stderr)
	return root.ExecuteContext(ctx)
}

// checkedWriter remembers the first failed write, so that output lost on a full disk is not taken
// for success wherever it happened.
type checkedWriter struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

// printError writes problems one a line and anything else behind the program's name.
func (a *app) printError(err error) {
	var ps referral.Problems
	if errors.As(err, &ps) {
		fmt.Fprintln(a.env.Stderr, printableLines(ps.Error()))
		fmt.Fprintf(a.env.Stderr, "vouch: the configuration was refused: %s\n", count(len(ps), "problem", "problems"))
		return
	}
	fmt.Fprintln(a.env.Stderr, "vouch: "+printableLines(strings.TrimSpace(err.Error())))
	var u usageError
	if errors.As(err, &u) {
		fmt.Fprintln(a.env.Stderr, "vouch: run `vouch help` or `vouch COMMAND --help` to see what is possible")
	}
}

const longHelp = `Vouch turns referral events into decisions: which partners, funnels, cohorts and incentives earn their money.

A project is a folder with vouch.yaml. Start with one of these:

  vouch demo DIR        write a complete demo project
  vouch init DIR        write a commented vouch.yaml for your own data
  vouch run             load what is new, run every analysis, write every report

Results go to stdout; progress, findings and errors to stderr.
Exit codes: 0 ok, 1 failed, 2 usage, 3 input data refused, 4 configuration refused, 5 a guard failed, 75 try again later.`

// root builds the command tree.
func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use: "vouch", Short: "Analytics and experiments for referral programmes", Long: longHelp,
		SilenceErrors: true, SilenceUsage: true, Args: noCommand,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	f := c.PersistentFlags()
	f.StringVarP(&a.flags.project, "project", "p", ".", "folder that holds vouch.yaml")
	f.StringVar(&a.flags.asOf, "as-of", "", "see the data as of the end of this `DATE`, or at this time")
	f.StringVar(&a.flags.engine, "engine", "duckdb", "`ENGINE` to compute with: duckdb, or sql (its portable twin)")
	f.StringVar(&a.flags.format, "format", "table", "output `FORMAT`: table, json, csv or markdown")
	f.BoolVar(&a.flags.timings, "timings", false, "add the milliseconds of each stage to JSON")
	f.BoolVarP(&a.flags.quiet, "quiet", "q", false, "no progress and no findings on stderr")
	f.BoolVarP(&a.flags.verbose, "verbose", "v", false, "one log line per stage on stderr")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	c.CompletionOptions.HiddenDefaultCmd = true
	c.AddCommand(a.commands()...)
	return c
}

func (a *app) commands() []*cobra.Command {
	cs := []*cobra.Command{
		a.demoCommand(), a.initCommand(), a.loadCommand(), a.checkCommand(),
		a.funnelCommand(), a.cohortsCommand(), a.experimentCommand(), a.attributionCommand(),
		a.partnersCommand(), a.partnerCommand(), a.powerCommand(), a.calcCommand(),
		a.runCommand(), a.reportCommand(), a.serveCommand(), a.sendCommand(), a.sqlCommand(),
		a.exportCommand(), a.backupCommand(), a.restoreCommand(), a.doctorCommand(), a.versionCommand(),
	}
	return append(cs, a.plannedCommands()...)
}

// noCommand refuses words that are no command, with a suggestion.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	msg := fmt.Sprintf("there is no command %q", args[0])
	if s := referral.Suggest(args[0], names); s != "" {
		msg += fmt.Sprintf("; did you mean %q?", s)
	}
	return usageError{errors.New(msg)}
}

// prepare checks the global flags and sets up the log.
func (a *app) prepare(cmd *cobra.Command) error {
	if !oneOf(a.flags.format, "table", "json", "csv", "markdown") {
		return usageError{fmt.Errorf("--format %s: use table, json, csv or markdown", a.flags.format)}
	}
	switch {
	case oneOf(a.flags.engine, "duckdb", "sql"), a.flags.engine == "trino" && cmd.Name() == "sql":
	case a.flags.engine == "trino":
		return usageError{errors.New("--engine trino is not available yet: use duckdb or sql")}
	default:
		return usageError{fmt.Errorf("--engine %s: use duckdb or sql", a.flags.engine)}
	}
	if a.flags.verbose && !a.flags.quiet {
		a.log = slog.New(slog.NewTextHandler(a.env.Stderr, nil))
	}
	return nil
}

// exactly wraps cobra's argument count check into a usage error that shows the command's form.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usageError{fmt.Errorf("%s takes %s, got %d: %s", cmd.CommandPath(), count(n, "argument", "arguments"), len(args), cmd.UseLine())}
	}
}

// atMost is exactly for a command that can do without its arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return usageError{fmt.Errorf("%s takes at most %s, got %d: %s", cmd.CommandPath(), count(n, "argument", "arguments"), len(args), cmd.UseLine())}
	}
}

func oneOf(s string, allowed ...string) bool {
	for _, x := range allowed {
		if s == x {
			return true
		}
	}
	return false
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return referral.Thousands(int64(n)) + " " + many
}

// goVersion is shown by `vouch version`.
func goVersion() string { return runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH }

// note writes a line for people to stderr unless --quiet.
func (a *app) note(format string, args ...any) {
	if !a.flags.quiet {
		fmt.Fprintf(a.env.Stderr, format+"\n", args...)
	}
}
