// Package cli is the command line: commands, flags, output formats and exit codes. It is the only
// package that sees the process (arguments, environment, streams, clock); everything below it gets
// what it needs through Env, so that a test can run the whole program in memory.
package cli
