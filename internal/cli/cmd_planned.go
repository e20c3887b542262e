package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// planned lists the commands of the contract of which no part can work yet. Each is named in the
// README; the day one works it leaves this list.
var planned = []struct{ use, short string }{
	{"plan", "Replay history under two commission plans"},
	{"statement", "Earnings statement of a partner"},
	{"close", "Close a period of the commission ledger"},
	{"verify", "Check a closed statement independently"},
	{"payouts", "Export and import payment batches"},
	{"erase", "Remove a person, keeping a proof and a tombstone"},
}

func (a *app) plannedCommands() []*cobra.Command {
	var out []*cobra.Command
	for _, p := range planned {
		out = append(out, &cobra.Command{
			Use: p.use, Short: p.short + " (planned)", Args: cobra.ArbitraryArgs, DisableFlagParsing: true,
			RunE: func(*cobra.Command, []string) error {
				return usageError{fmt.Errorf("%s is not available yet", p.use)}
			},
		})
	}
	return out
}
