package pipeline

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"vouch/internal/engine"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

// ErrBackup says that an archive is not a whole backup.
var ErrBackup = errors.New("not a valid backup")

// stateFiles are the files below the state folder that a backup holds, besides the database.
var stateFiles = []string{"sent.jsonl"}

// backupEntry is one file of a backup.
type backupEntry struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// backupManifest is the first file of the archive.
type backupManifest struct {
	Schema string        `json:"schema"`
	Vouch  string        `json:"vouch"`
	Files  []backupEntry `json:"files"`
}

const backupSchema = "vouch.backup/1"

// Backup writes the database and the send ledger to one compressed archive with their checksums.
// The project must be open for writing, so that nobody changes it meanwhile; its database is closed
// afterwards. The archive is read back and checked before Backup returns.
func (p *Project) Backup(ctx context.Context, path string) error {
	if p.discard {
		return ErrNotLoaded
	}
	if err := p.DB.Exec(ctx, sqltext.Raw("backup/checkpoint", "CHECKPOINT")); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := p.DB.Close(); err != nil {
		return err
	}
	p.DB = nil
	paths := map[string]string{"vouch.duckdb": p.path(p.Cfg.Database)}
	for _, n := range stateFiles {
		if f := filepath.Join(p.State(), n); files.Exists(f) {
			paths[n] = f
		}
	}
	m := backupManifest{Schema: backupSchema, Vouch: Version}
	for _, n := range names(paths) {
		sha, size, err := files.Hash(paths[n])
		if err != nil {
			return err
		}
		m.Files = append(m.Files, backupEntry{n, sha, size})
	}
	if err := writeBackup(path, m, paths); err != nil {
		return err
	}
	_, err := readBackup(path, nil)
	return err
}

func writeBackup(path string, m backupManifest, paths map[string]string) (err error) {
	out, err := files.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Abort())
		}
	}()
	zw := gzip.NewWriter(out)
	tw := tar.NewWriter(zw)
	head, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := addToTar(tw, "manifest.json", int64(len(head)), func() error { _, err := tw.Write(head); return err }); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := addToTar(tw, f.Name, f.Bytes, func() error { return copyFile(tw, paths[f.Name]) }); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		return err
	}
	return out.Commit()
}

func addToTar(tw *tar.Writer, name string, size int64, body func() error) error {
	h := &tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	if err := tw.WriteHeader(h); err != nil {
		return err
	}
	return body()
}

func copyFile(w io.Writer, path string) (err error) {
	r, err := files.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	_, err = io.Copy(w, r)
	return err
}

// readBackup checks every file of an archive against the manifest; with sink not nil the contents
// go there as well.
func readBackup(path string, sink func(name string, r io.Reader) error) (m backupManifest, err error) {
	f, err := files.Open(path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return m, fmt.Errorf("%s: %w: %w", path, ErrBackup, err)
	}
	tr := tar.NewReader(zr)
	if h, err := tr.Next(); err != nil || h.Name != "manifest.json" {
		return m, fmt.Errorf("%s: %w: it does not begin with a manifest", path, ErrBackup)
	}
	if err := json.NewDecoder(io.LimitReader(tr, 1<<20)).Decode(&m); err != nil || m.Schema != backupSchema {
		return m, fmt.Errorf("%s: %w: manifest %q", path, ErrBackup, m.Schema)
	}
	for _, want := range m.Files {
		if err := readEntry(tr, want, sink); err != nil {
			return m, fmt.Errorf("%s: %s: %w", path, want.Name, err)
		}
	}
	return m, nil
}

func readEntry(tr *tar.Reader, want backupEntry, sink func(string, io.Reader) error) error {
	h, err := tr.Next()
	if err != nil || h.Name != want.Name {
		return fmt.Errorf("%w: the file is missing", ErrBackup)
	}
	sum := sha256.New()
	r := io.TeeReader(tr, sum)
	if sink != nil {
		if err := sink(want.Name, r); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return fmt.Errorf("%w: %w", ErrBackup, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want.SHA256 {
		return fmt.Errorf("%w: its checksum differs", ErrBackup)
	}
	return nil
}

// Restore puts the state of an archive into a project that has none, or over the present state if
// force is set. Everything is unpacked and checked before the first file is moved into place.
func Restore(ctx context.Context, o Options, path string, force bool) error {
	o.Write = true
	p, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	return p.restore(ctx, path, force)
}

func (p *Project) restore(ctx context.Context, path string, force bool) (err error) {
	var tables int64
	if err := engine.One(ctx, p.DB, sqltext.Raw("restore/tables", "SELECT count(*) FROM information_schema.tables"), &tables); err != nil {
		return err
	}
	if tables > 0 && !force {
		return fmt.Errorf("%s: %w: the project has data already; --force replaces it", p.Dir, ErrInTheWay)
	}
	if err := p.DB.Close(); err != nil {
		return err
	}
	p.DB = nil
	tmp, remove, err := files.TempDir(p.State(), "restore")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	m, err := readBackup(path, func(name string, r io.Reader) error {
		target, err := files.Join(tmp, name)
		if err != nil {
			return err
		}
		return unpack(target, r)
	})
	if err != nil {
		return err
	}
	if err := files.Remove(p.path(p.Cfg.Database) + ".wal"); err != nil {
		return err
	}
	for _, f := range m.Files {
		target := filepath.Join(p.State(), f.Name)
		if f.Name == "vouch.duckdb" {
			target = p.path(p.Cfg.Database)
		}
		if err := files.Rename(filepath.Join(tmp, f.Name), target); err != nil {
			return err
		}
		p.discard = false
	}
	return nil
}

func unpack(target string, r io.Reader) error {
	w, err := files.Create(target)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Commit()
}
