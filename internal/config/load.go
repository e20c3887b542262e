package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"vouch/internal/files"
	"vouch/referral"

	"go.yaml.in/yaml/v3"
)

// FileName is the name of a project's configuration file.
const FileName = "vouch.yaml"

// Version is the version of the file's format that this program reads.
const Version = 1

// maxFiles bounds how many files a project may include.
const maxFiles = 256

// Load reads vouch.yaml in dir and the files it includes, checks everything and fills in defaults.
//
// The error is a referral.Problems with every mistake that was found, in the order of the text,
// each with file, line and column. A file that is not YAML at all is reported alone, as nothing
// after that place can be trusted; the same goes for a format version this program does not know.
//
// Sections that hold names (funnels, cohorts, attribution, experiments, guards) and the list of
// sources may be spread over included files; any other key is given once. Variables occur only in
// the file names of sources, where ingest expands them when it reads, so that a project can be
// checked on a machine that has none of its data; getenv is therefore not asked.
func Load(dir string, _ func(string) string) (*Config, error) {
	root, err := files.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("project folder: %w", err)
	}
	l := &loader{
		dir: dir, root: root, cfg: &Config{Root: root, places: places{}},
		broken: map[string]bool{}, files: map[string]place{},
	}
	l.file(filepath.Join(root, FileName), place{})
	if l.fatal {
		return nil, sorted(l.found)
	}
	l.finish()
	if len(l.found) > 0 {
		return nil, sorted(l.found)
	}
	return l.cfg, nil
}

// Hash returns the SHA-256 of the files read, with their names, in hexadecimal.
func (c *Config) Hash() string { return c.hash }

type loader struct {
	dir, root string
	cfg       *Config
	found     []located
	broken    map[string]bool
	files     map[string]place // path → where it was included
	stack     []string
	digest    []byte
	version   bool // given in some file
	fatal     bool
}

// problem reports a mistake found after decoding, at the place of its path or nearest ancestor. A
// complaint about a value that could not be read in the first place is dropped: its cause is
// already reported.
func (l *loader) problem(path, hint, format string, args ...any) {
	l.add(referral.Problem{Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

func (l *loader) add(p referral.Problem) {
	for path := range l.broken {
		if below(p.Path, path) || below(path, p.Path) {
			return
		}
	}
	at := l.cfg.places.find(p.Path)
	l.found = append(l.found, located{at, at.at(p)})
}

// stop reports a mistake after which nothing else can be judged.
func (l *loader) stop(at place, hint, format string, args ...any) {
	l.fatal = true
	l.found = append(l.found, located{at, at.at(referral.Problem{Msg: fmt.Sprintf(format, args...), Hint: hint})})
}

// shown is how people see a file's name: as they would open it from where they stand.
func (l *loader) shown(path string) string {
	rel, err := filepath.Rel(l.root, path)
	if err != nil {
		return path
	}
	return filepath.Join(l.dir, rel)
}

// file reads one file into the configuration; from is where it is included.
func (l *loader) file(path string, from place) {
	text, err := read(path)
	here := place{file: l.shown(path), order: len(l.files)}
	l.files[path] = from
	if err != nil {
		l.unreadable(here, from, err)
		return
	}
	l.digest = fmt.Appendf(l.digest, "%s\x00%d\x00", strings.TrimPrefix(path, l.root), len(text))
	l.digest = append(l.digest, text...)
	root, bad := parse(text)
	if bad != nil {
		here.line, here.col = bad.line, bad.col
		l.stop(here, bad.hint, "%s", bad.msg)
		return
	}
	here.line, here.col = 1, 1
	if len(l.files) == 1 {
		l.cfg.places[""] = here
	}
	if isNull(root) {
		l.stop(here, `start it with "version: 1"`, "the file is empty")
		return
	}
	if root.Kind != yaml.MappingNode {
		l.stop(here, `start it with "version: 1"`, "want a mapping of keys, got %s", describe(root))
		return
	}
	l.stack = append(l.stack, path)
	l.top(here, root)
	l.stack = l.stack[:len(l.stack)-1]
}

// errTooLarge says that a file is not a configuration.
var errTooLarge = errors.New("larger than 1 MiB")

// read returns the content of a file of bounded size.
func read(path string) (text []byte, err error) {
	f, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errTooLarge
	}
	return text, err
}

// unreadable reports a file that cannot be read, at the place that names it.
func (l *loader) unreadable(here, from place, err error) {
	at, hint := from, ""
	if from.file == "" {
		at = here
	}
	msg := err.Error()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		msg = "does not exist"
		if from.file == "" {
			hint = "name the project folder with --project, or make one with vouch init"
		}
	case errors.Is(err, errTooLarge):
		hint = "a configuration file holds definitions, not data"
	default:
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			msg = pe.Err.Error()
		}
	}
	if from.file != "" {
		msg = here.file + " " + msg
	}
	l.stop(at, hint, "%s", msg)
}

// top decodes the keys of one file. Unlike keys further down, those of several files meet here.
func (l *loader) top(here place, root *yaml.Node) {
	d := &decoder{file: here.file, order: here.order, places: l.cfg.places, broken: l.broken, found: &l.found}
	dst := reflect.ValueOf(l.cfg).Elem()
	names, index := keys(dst.Type())
	if l.checkVersion(d, root); l.fatal {
		return
	}
	given := map[string]*yaml.Node{}
	var includes *yaml.Node
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		at, known := index[k.Value]
		switch first := given[k.Value]; {
		case k.Kind != yaml.ScalarNode || k.Value == "" || isNull(k):
			d.report("", k, "", "a key must be a name, got %s", describe(k))
			continue
		case first != nil:
			d.again("", k, placeOf(here.file, here.order, first))
			continue
		case !known:
			d.unknown("", k.Value, k, names)
			continue
		}
		given[k.Value] = k
		switch k.Value {
		case "version": // checked before the others
		case "include":
			includes = v
		default:
			l.section(d, k, v, dst.Field(at))
		}
	}
	if includes != nil {
		l.include(d, here, includes)
	}
}

// section decodes a top-level key, which may continue what another file began if it holds names or
// sources.
func (l *loader) section(d *decoder, k, v *yaml.Node, dst reflect.Value) {
	path := k.Value
	first, before := l.cfg.places[path]
	grows := dst.Kind() == reflect.Map || path == "sources"
	switch {
	case before && !grows:
		d.again("", k, first)
	case before:
		d.value(path, v, dst)
	default:
		d.value(d.enter("", path, k, v), v, dst)
	}
}

// checkVersion reads the format version of one file, before anything else in it: keys of a version
// that this program does not know mean nothing to it.
func (l *loader) checkVersion(d *decoder, root *yaml.Node) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		if k.Value != "version" {
			continue
		}
		l.version = true
		l.cfg.places["version"] = placeOf(d.file, d.order, v)
		d.value("version", v, reflect.ValueOf(l.cfg).Elem().FieldByName("Version"))
		if !l.broken["version"] && l.cfg.Version != Version {
			l.stop(placeOf(d.file, d.order, v), "this program reads version "+strconv.Itoa(Version),
				"version %d is not known", l.cfg.Version)
		}
		return
	}
}

// include reads the files that one file names, relative to its own folder.
func (l *loader) include(d *decoder, here place, n *yaml.Node) {
	var list []string
	part := *d
	part.places = places{} // each file has an include: of its own
	before := len(l.found)
	part.value("include", n, reflect.ValueOf(&list).Elem())
	if len(l.found) > before {
		return
	}
	folder := filepath.Dir(l.stack[len(l.stack)-1])
	for i, name := range list {
		at := part.places.find("include[" + strconv.Itoa(i) + "]")
		path := filepath.Join(folder, filepath.FromSlash(name))
		switch first, again := l.files[path]; {
		case name == "" || filepath.IsAbs(filepath.FromSlash(name)) || !files.Within(l.root, path):
			l.refuse(at, "an included file lies in the project folder and is named relative to the file that includes it",
				"%q is outside the project", name)
		case again:
			l.included(at, name, path, first)
		case len(l.files) >= maxFiles:
			l.stop(at, "", "more than %d files are included", maxFiles)
			return
		default:
			l.cfg.Include = append(l.cfg.Include, filepath.ToSlash(strings.TrimPrefix(path, l.root+string(filepath.Separator))))
			l.file(path, at)
		}
		if l.fatal {
			return
		}
	}
}

// included reports a file that was already read: a cycle, or a second mention.
func (l *loader) included(at place, name, path string, first place) {
	for i, open := range l.stack {
		if open == path {
			var chain []string
			for _, p := range append(l.stack[i:len(l.stack):len(l.stack)], path) {
				chain = append(chain, l.shown(p))
			}
			l.refuse(at, strings.Join(chain, " → "), "%q includes itself", name)
			return
		}
	}
	l.refuse(at, fmt.Sprintf("first at %s:%d:%d", first.file, first.line, first.col), "%q is included twice", name)
}

// refuse reports a problem of include:.
func (l *loader) refuse(at place, hint, format string, args ...any) {
	p := referral.Problem{Path: "include", Msg: fmt.Sprintf(format, args...), Hint: hint}
	l.found = append(l.found, located{at, at.at(p)})
}

// finish completes what was read.
func (l *loader) finish() {
	sum := sha256.Sum256(l.digest)
	l.cfg.hash = hex.EncodeToString(sum[:])
	if !l.version {
		l.problem("version", `write "version: 1" at the top of the file`, "is missing")
	}
	l.cfg.defaults()
	l.validate()
}
