package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary play the other process: it takes the lock, says so, and holds it
// until its standard input ends or it is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("VOUCH_TEST_HOLD_LOCK"); path != "" {
		if _, err := Lock(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestLock_secondHolderIsRefused(t *testing.T) {
	p := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(p)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Lock(p)
	if !errors.Is(err, ErrLocked) {
		t.Fatalf("second lock: %v", err)
	}
	if want := fmt.Sprintf("process %d", os.Getpid()); !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not name the holder, %s", err, want)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := Lock(p)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
}

func TestLock_diesWithItsProcess(t *testing.T) {
	p := filepath.Join(t.TempDir(), "lock")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "VOUCH_TEST_HOLD_LOCK="+p)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "held\n" {
		t.Fatalf("other process: %q, %v", line, err)
	}
	_, err = Lock(p)
	if !errors.Is(err, ErrLocked) {
		t.Fatalf("held by another process: %v", err)
	}
	if want := fmt.Sprintf("process %d", cmd.Process.Pid); !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not name the holder, %s", err, want)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the other process was to die by a signal")
	}
	unlock, err := Lock(p)
	if err != nil {
		t.Fatalf("after the death of the holder: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
}

func TestLock_missingFolder(t *testing.T) {
	_, err := Lock(filepath.Join(t.TempDir(), "none", "lock"))
	if err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("a lock that cannot be made is not a lock that is held: %v", err)
	}
}
