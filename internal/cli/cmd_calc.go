package cli

import (
	"github.com/spf13/cobra"

	"vouch/internal/calc"
)

func (a *app) calcCommand() *cobra.Command {
	var list bool
	c := &cobra.Command{
		Use: "calc", Short: "Statistics as JSON Lines: questions on stdin, answers on stdout", Args: exactly(0),
		Long: `calc reads one question a line, {"id":"1","method":"proportion.interval.wilson","input":{"successes":7,"trials":50}},
and writes one answer a line, {"id":"1","result":{…}} or {"id":"1","error":{"code":"…","message":"…"}}, in the same order.
The methods are the functions the reports use. --list shows them with their fields. Events of a question go into tables in memory
and are read as those of a project are; --engine sql reads them by portable SQL, with the same answers.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if list {
				return calc.List(a.env.Stdout)
			}
			return calc.Run(cmd.Context(), a.flags.engine == "sql", a.env.Stdin, a.env.Stdout)
		},
	}
	c.Flags().BoolVar(&list, "list", false, "list the methods with their fields")
	return c
}
