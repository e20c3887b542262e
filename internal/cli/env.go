package cli

import (
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// Env is everything the program takes from the process.
type Env struct {
	Args   []string // without the program's name
	Getenv func(string) string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Now    func() time.Time
	// Terminal says that a person reads stdout; bars and colour appear only then.
	Terminal bool
	// StderrTerminal says the same of stderr, for progress.
	StderrTerminal bool
	// Width is the number of columns of the terminal; 0 if unknown.
	Width int
}

// Process returns the environment of the running program.
func Process() Env {
	return Env{
		Args: os.Args[1:], Getenv: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Now: time.Now, Terminal: isTerminal(os.Stdout), StderrTerminal: isTerminal(os.Stderr), Width: columns(),
	}
}

// isTerminal reports whether the file is a character device, which is what a terminal is.
func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// columns reads COLUMNS, which interactive shells keep up to date.
func columns() int {
	n, err := strconv.Atoi(os.Getenv("COLUMNS"))
	if err != nil || n < 20 {
		return 0
	}
	return n
}

// interrupts lists the signals that end a run in good order: the transaction rolls back, temporary
// files go away.
var interrupts = []os.Signal{os.Interrupt, syscall.SIGTERM}

var notifyContext = signal.NotifyContext
