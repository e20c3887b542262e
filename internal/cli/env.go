package cli

import (
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"
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
	// Width is the number of columns of the terminal; 0 if unknown.
	Width int
}

// Process sets up the running program and returns its environment.
func Process() Env {
	collectLate()
	return Env{
		Args: os.Args[1:], Getenv: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Now: time.Now, Terminal: term.IsTerminal(int(os.Stdout.Fd())), Width: columns(),
	}
}

// columns asks the terminal for its width; a file has none.
func columns() int {
	n, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return n
}

// interrupts lists the signals that end a run in good order: the transaction rolls back, temporary
// files go away.
var interrupts = []os.Signal{os.Interrupt, syscall.SIGTERM}

var notifyContext = signal.NotifyContext
