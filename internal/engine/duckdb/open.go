// Package duckdb is the embedded engine: one locked-down DuckDB that implements engine.Writer.
//
// It is the only importer of the driver and of Arrow. Memory, threads, time zone and the folders SQL
// may touch are set once when the database is opened and locked afterwards, so that no statement,
// whoever wrote it, reads or writes elsewhere or loads an extension. With build tag duckdb_arrow
// streams hand Arrow buffers to the kernels as they are; without it a slower path reads row by row
// and gives the same batches.
package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	duckdriver "github.com/duckdb/duckdb-go/v2"

	"vouch/internal/engine"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

// ErrInUse says that another process, or another part of this one, has the database open: DuckDB
// admits one process to a file, even for reading. It is a kind of files.ErrLocked; trying again
// later may work.
var ErrInUse = fmt.Errorf("database in use: %w", files.ErrLocked)

// Options says which database to open and what it may use.
type Options struct {
	// Path is the database file, made with its folder if absent; empty keeps everything in memory.
	Path string
	// Memory is DuckDB's limit, such as "4GB". Empty takes 60 % of the machine's memory, or of the
	// limit of its control group: the rest is for the Go side, the file cache and the neighbours.
	Memory string
	// Threads limits DuckDB's workers and the streams side by side; 0 takes GOMAXPROCS.
	Threads int
	// TempDir takes what does not fit into memory. Empty takes a folder beside the database file, or
	// for a database in memory a temporary folder that Close removes.
	TempDir string
	// AllowedDirs are the folders SQL may read from and write to, besides the database itself.
	AllowedDirs []string
	// ReadOnly opens an existing file without the right to change it.
	ReadOnly bool
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	sql     *sql.DB
	threads int
	cleanup func() error
}

var (
	_ engine.Writer = (*DB)(nil)
	_ engine.Tx     = tx{}
)

// Open opens a database, applies the settings and locks them. The error wraps ErrInUse when another
// process has the file open.
func Open(ctx context.Context, o Options) (*DB, error) {
	o, cleanup, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", o.name(), err)
	}
	db, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", o.name(), errors.Join(err, cleanup()))
	}
	db.cleanup = cleanup
	return db, nil
}

func (o Options) name() string {
	if o.Path == "" {
		return "in memory"
	}
	return o.Path
}

// complete fills in the defaults and makes the folders; cleanup undoes what is temporary.
func (o Options) complete() (Options, func() error, error) {
	cleanup := func() error { return nil }
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Memory == "" {
		// Where the machine does not tell, DuckDB's own default of 80 % stays.
		if total, err := files.TotalMemory(); err == nil {
			o.Memory = fmt.Sprintf("%dB", total/10*6)
		}
	}
	if o.Path != "" {
		abs, err := files.Abs(o.Path)
		if err != nil {
			return o, cleanup, err
		}
		// The driver takes the path for a URL: these two would silently open another file.
		if strings.ContainsAny(abs, "?%") {
			return o, cleanup, errors.New(`the path of a database cannot hold "?" or "%"; choose another folder`)
		}
		o.Path = abs
		if !o.ReadOnly {
			if err := files.MkdirAll(filepath.Dir(abs)); err != nil {
				return o, cleanup, err
			}
		}
	}
	switch {
	case o.TempDir == "" && o.Path == "":
		dir, remove, err := files.TempDir("", "vouch-spill")
		if err != nil {
			return o, cleanup, err
		}
		o.TempDir, cleanup = dir, remove
	case o.TempDir == "":
		o.TempDir = o.Path + ".tmp" // DuckDB makes it when it spills and removes it afterwards
	default:
		abs, err := files.Abs(o.TempDir)
		if err != nil {
			return o, cleanup, err
		}
		o.TempDir = abs
	}
	for i, d := range o.AllowedDirs {
		abs, err := files.Abs(d)
		if err != nil {
			return o, cleanup, err
		}
		if i == 0 {
			o.AllowedDirs = append([]string(nil), o.AllowedDirs...)
		}
		o.AllowedDirs[i] = abs
	}
	return o, cleanup, nil
}

func open(ctx context.Context, o Options) (*DB, error) {
	dsn := o.Path
	if o.ReadOnly {
		dsn += "?access_mode=READ_ONLY"
	}
	connector, err := duckdriver.NewConnector(dsn, nil)
	if err != nil {
		return nil, inUse(err)
	}
	pool := sql.OpenDB(connector)
	// Connections that hand out Arrow are kept, not churned: opening and closing them by the hundred
	// has crashed the driver. One for each stream and a few for plain queries cover every stage.
	pool.SetMaxIdleConns(2*o.Threads + 4)
	pool.SetConnMaxLifetime(0)
	db := &DB{sql: pool, threads: o.Threads}
	if err := lockDown(ctx, pool, o); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

var lockHolder = regexp.MustCompile(`\(PID (\d+)\)`)

// inUse turns DuckDB's refusal to share a file into ErrInUse with the remedy.
func inUse(err error) error {
	if !strings.Contains(err.Error(), "Could not set lock on file") {
		return err
	}
	holder := "another process"
	if m := lockHolder.FindStringSubmatch(err.Error()); m != nil {
		holder = "process " + m[1]
	}
	return fmt.Errorf("%w by %s; wait until it is done, or end it, and try again", ErrInUse, holder)
}

// Close closes all connections and writes what is still in the log to the file.
func (d *DB) Close() error { return errors.Join(d.sql.Close(), d.cleanup()) }

// Version returns the version of DuckDB, such as "v1.5.5".
func (d *DB) Version(ctx context.Context) (string, error) {
	var v string
	err := engine.One(ctx, d, sqltext.Raw("version", "SELECT version()"), &v)
	return v, err
}

// Threads is the number of streams worth running side by side.
func (d *DB) Threads() int { return d.threads }

// Dialect says how SQL is written for DuckDB.
func (d *DB) Dialect() sqltext.Dialect { return sqltext.DuckDB{} }
