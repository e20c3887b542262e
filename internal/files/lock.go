package files

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// ErrLocked says that another process, or another part of this one, holds a lock. Trying again later
// may work.
var ErrLocked = errors.New("locked")

// Lock takes the exclusive lock of the file at path without waiting; the file is created if need be
// and stays when the lock is released, since removing it would let two processes hold "the" lock.
// The operating system releases the lock when the process ends, however it ends. The file holds the
// process id of the last holder, for the message of whoever is refused. An error wraps ErrLocked
// when the lock is taken.
func Lock(path string) (unlock func() error, err error) {
	l := flock.New(path, flock.SetPermissions(0o666))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !ok {
		holder := ""
		if b, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(b)) != "" {
			holder = " by process " + strings.TrimSpace(string(b))
		}
		return nil, fmt.Errorf("%s: %w%s; wait until it is done and try again", path, ErrLocked, holder)
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o666); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, errors.Join(err, l.Unlock()))
	}
	return l.Unlock, nil
}
