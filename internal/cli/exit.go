package cli

import (
	"errors"

	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/ingest"
	"vouch/internal/pipeline"
	"vouch/referral"
	"vouch/reports/digest"
)

// Exit codes are part of the contract with schedulers; see docs/operations.md.
const (
	exitOK       = 0
	exitFailed   = 1  // the run failed
	exitUsage    = 2  // the command line is wrong
	exitData     = 3  // input data were refused
	exitConfig   = 4  // the configuration was refused
	exitGuard    = 5  // a guard declared under guards: failed
	exitTryAgain = 75 // EX_TEMPFAIL: a lock is held, the mail server is busy
)

// usageError is a mistake on the command line.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// guardError says which declared guards failed.
type guardError struct{ error }

// exitCode chooses the exit code of an error.
func exitCode(err error) int {
	var usage usageError
	var guard guardError
	var refused *ingest.Refused
	var problems referral.Problems
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage), errors.Is(err, pipeline.ErrInTheWay):
		return exitUsage
	case errors.As(err, &refused):
		return exitData
	case errors.As(err, &problems):
		return exitConfig
	case errors.As(err, &guard):
		return exitGuard
	case errors.Is(err, files.ErrLocked), errors.Is(err, duckdb.ErrInUse), errors.Is(err, digest.ErrTemporary):
		return exitTryAgain
	}
	return exitFailed
}
