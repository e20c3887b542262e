package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Writer fills a file that appears under its name only when Commit is called. Abort, or a failed
// Commit, leaves whatever was there before and removes the temporary file.
type Writer struct {
	path string
	f    *os.File
	err  error // the first failed write; Commit refuses after it
}

// Create starts an atomic write of path; its folder must exist. A link at path is replaced, not
// followed. The caller defers Abort, which does nothing after Commit.
func Create(path string) (*Writer, error) {
	perm := fs.FileMode(0o666)
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return nil, fmt.Errorf("write %s: is a folder, not a file", path)
		}
		perm = info.Mode().Perm()
	}
	dir, base := filepath.Split(path)
	// A name of our own rather than os.CreateTemp: that one ignores the umask and makes every
	// output unreadable for others. Names left by a crashed process are stepped over.
	for n := 0; ; n++ {
		tmp := filepath.Join(dir, "."+base+"."+strconv.Itoa(os.Getpid())+"-"+strconv.Itoa(n)+".tmp")
		f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if errors.Is(err, fs.ErrExist) && n < 10_000 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", path, err)
		}
		return &Writer{path: path, f: f}, nil
	}
}

// Write appends to the temporary file.
func (w *Writer) Write(p []byte) (int, error) {
	if w.f == nil {
		return 0, fmt.Errorf("write %s: %w", w.path, fs.ErrClosed)
	}
	n, err := w.f.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// Commit flushes the content to disk and gives the file its name. After an error nothing of the new
// content remains.
func (w *Writer) Commit() error {
	if w.f == nil {
		return fmt.Errorf("write %s: %w", w.path, fs.ErrClosed)
	}
	f := w.f
	w.f = nil
	err := w.err
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), w.path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", w.path, errors.Join(err, os.Remove(f.Name())))
	}
	return syncDir(filepath.Dir(w.path))
}

// Abort gives up the write. It may be called any number of times, and after Commit.
func (w *Writer) Abort() error {
	if w.f == nil {
		return nil
	}
	f := w.f
	w.f = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// syncDir makes a rename durable. Systems that cannot flush a folder say so with an error that
// tells nothing about the data, hence only the failure to open it counts.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

// WriteAtomic writes a whole file: either the new content is there afterwards, or what was there
// before.
func WriteAtomic(path string, data []byte) error {
	w, err := Create(path)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, w.Abort()))
	}
	return w.Commit()
}

// MkdirAll makes a folder and those above it.
func MkdirAll(path string) error { return os.MkdirAll(path, 0o777) }

// Remove removes a file or an empty folder. It is no error if there is none.
func Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// RemoveAll removes a folder with what is in it.
func RemoveAll(path string) error { return os.RemoveAll(path) }

// Rename moves a file within a file system, replacing the target.
func Rename(from, to string) error { return os.Rename(from, to) }

// TempDir makes a new empty folder below dir, or below the system's folder for temporary files when
// dir is empty, and returns it with the function that removes it.
func TempDir(dir, prefix string) (path string, remove func() error, err error) {
	path, err = os.MkdirTemp(dir, prefix+"-*")
	if err != nil {
		return "", nil, err
	}
	return path, func() error { return os.RemoveAll(path) }, nil
}
