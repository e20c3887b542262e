package demo

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"vouch/internal/files"
)

// output is a file being written: it appears under its name when it is complete.
type output struct {
	file *files.Writer
	gz   *gzip.Writer
	csv  *csv.Writer
	json *json.Encoder
	err  error
}

// newOutput starts a file; packed files carry no name and time, so that they depend on the content
// alone.
func newOutput(path string, packed bool) (*output, error) {
	f, err := files.Create(path)
	if err != nil {
		return nil, err
	}
	o := &output{file: f}
	var w io.Writer = f
	if packed {
		o.gz = gzip.NewWriter(f)
		w = o.gz
	}
	o.csv = csv.NewWriter(w)
	o.json = json.NewEncoder(w)
	o.json.SetEscapeHTML(false)
	return o, nil
}

// newTable starts a CSV file with its header.
func newTable(path string, packed bool, header ...string) (*output, error) {
	o, err := newOutput(path, packed)
	if err == nil {
		o.row(header...)
	}
	return o, err
}

// row writes one CSV record. The first error is kept for close.
func (o *output) row(cells ...string) {
	if o.err == nil {
		o.err = o.csv.Write(cells)
	}
}

// line writes one JSON line.
func (o *output) line(v any) {
	if o.err == nil {
		o.err = o.json.Encode(v)
	}
}

// close completes the file, or removes it after an error.
func (o *output) close() error {
	o.csv.Flush()
	err := errors.Join(o.err, o.csv.Error())
	if o.gz != nil {
		err = errors.Join(err, o.gz.Close())
	}
	if err != nil {
		return errors.Join(err, o.file.Abort())
	}
	return o.file.Commit()
}

// writeAll writes a small CSV file at once.
func writeAll(path string, header []string, rows [][]string) error {
	o, err := newTable(path, false, header...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		o.row(r...)
	}
	if err := o.close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
