package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Read returns the content of a file.
func Read(path string) ([]byte, error) { return os.ReadFile(path) }

// Open opens a file for reading. A folder is refused here rather than at the first read.
func Open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("is a folder, not a file")}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Exists reports whether something is at the path; a dangling link and a path that cannot be looked
// up count as absent.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// IsDir reports whether the path is a folder, or a link to one.
func IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Size returns the length of a file in bytes.
func Size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// ReadDir lists a folder by name.
func ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// FS returns the folder as a read-only file system that links cannot lead out of. It stays open until
// the process ends.
func FS(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}

// Hash returns the sha256 of a file in hexadecimal and its length, reading it once as a stream, so
// that a file larger than memory can be hashed.
func Hash(path string) (sha string, size int64, err error) {
	f, err := Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", 0, fmt.Errorf("hash %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// Glob returns the files, not the folders, that match a pattern, sorted by name. The pattern is
// that of filepath.Match, with "**" for any number of folders. A path that exists as it is written
// matches itself even if its name holds pattern characters. No match is an empty list, not an
// error.
func Glob(pattern string) ([]string, error) {
	if info, err := os.Stat(pattern); err == nil && !info.IsDir() {
		return []string{pattern}, nil
	}
	if _, err := filepath.Match(pattern, ""); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	var found []string
	var err error
	if strings.Contains(pattern, "**") {
		found, err = globDeep(pattern)
	} else {
		found, err = filepath.Glob(pattern)
	}
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	found = slices.DeleteFunc(found, IsDir)
	slices.Sort(found)
	return found, nil
}

// globDeep walks below the part of the pattern before its first "**".
func globDeep(pattern string) ([]string, error) {
	parts := strings.Split(filepath.ToSlash(filepath.Clean(pattern)), "/")
	i := slices.Index(parts, "**")
	if i < 0 {
		return nil, errors.New(`"**" must stand alone between separators`)
	}
	roots := []string{"."}
	if i > 0 {
		prefix := strings.Join(parts[:i], "/")
		if prefix == "" {
			prefix = "/"
		}
		var err error
		if roots, err = filepath.Glob(filepath.FromSlash(prefix)); err != nil {
			return nil, err
		}
	}
	var out []string
	for _, root := range roots {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(root, p)
			if err == nil && matchParts(parts[i:], strings.Split(filepath.ToSlash(rel), "/")) {
				out = append(out, p)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// matchParts matches the elements of a path one by one; "**" takes none or more of them.
func matchParts(pattern, name []string) bool {
	if len(pattern) == 0 {
		return len(name) == 0
	}
	if pattern[0] == "**" {
		return matchParts(pattern[1:], name) || len(name) > 0 && matchParts(pattern, name[1:])
	}
	if len(name) == 0 {
		return false
	}
	ok, err := filepath.Match(pattern[0], name[0])
	return err == nil && ok && matchParts(pattern[1:], name[1:])
}
