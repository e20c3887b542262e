// Command vouch analyses referral programmes; see package vouch/internal/cli.
package main

import (
	"os"

	"vouch/internal/cli"
)

func main() { os.Exit(cli.Main(cli.Process())) }
