package files

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// ErrOutside says that a path leaves the folder it must stay in.
var ErrOutside = errors.New("outside the folder")

// Abs returns the absolute, cleaned form of a path; links stay as they are.
func Abs(path string) (string, error) { return filepath.Abs(path) }

// Resolve returns the absolute path with all links followed. Elements that do not exist yet are
// kept as written, so that the place of a file to be created can be judged.
func Resolve(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(abs)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		// A dangling link exists as a link: where it leads is unknown, so it is not "not there yet".
		if !errors.Is(err, fs.ErrNotExist) || isLink(abs) {
			return "", err
		}
		parent := filepath.Dir(abs)
		if parent == abs {
			return "", err
		}
		rest = filepath.Join(filepath.Base(abs), rest)
		abs = parent
	}
}

// Within reports whether path is root or lies below it once all links are followed. A path that
// cannot be resolved is not within.
func Within(root, path string) bool {
	r, err := Resolve(root)
	if err != nil {
		return false
	}
	p, err := Resolve(path)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(r, p)
	return err == nil && filepath.IsLocal(rel)
}

// Join places a relative path below root. Absolute paths, paths that climb out with "..", and links
// that lead out are refused with an error that wraps ErrOutside.
func Join(root, rel string) (string, error) {
	p := filepath.Join(root, filepath.FromSlash(rel))
	if !filepath.IsLocal(filepath.FromSlash(rel)) || !Within(root, p) {
		return "", fmt.Errorf("%s: %w %s", rel, ErrOutside, root)
	}
	return p, nil
}

// SafeName turns an identifier from data, such as a partner id, into a file name: letters, digits,
// "-" and "_" stay, any other byte becomes "~" and two hexadecimal digits, so that different
// identifiers get different names and none climbs out of its folder. Upper-case letters stay too;
// file systems that fold case are not served.
func SafeName(id string) string {
	const hexDigits = "0123456789abcdef"
	if id == "" {
		return "~"
	}
	var b strings.Builder
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			b.WriteByte('~')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// Existing returns the nearest of path and the folders above it that exists.
func Existing(path string) (string, error) {
	abs, err := filepath.Abs(path)
	for err == nil && !Exists(abs) && filepath.Dir(abs) != abs {
		abs = filepath.Dir(abs)
	}
	return abs, err
}
