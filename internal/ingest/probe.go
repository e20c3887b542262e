package ingest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"vouch/internal/files"
)

// maxLine is the longest line of a text file that is read, in bytes, a quoted field with line breaks
// being part of its line. Several times the longest event seen in practice; beyond it a missing line
// break or a document where a property should be is the likelier explanation.
const maxLine = 8 << 20

// longLine says what is wrong with a longer one.
func longLine() (message, hint string) {
	return fmt.Sprintf("a line longer than %d MB", maxLine>>20),
		"a line break or a closing quote is missing, or a property holds what does not belong in an event: shorten it"
}

// Formats of files.
const (
	formatCSV     = "csv"
	formatNDJSON  = "ndjson"
	formatParquet = "parquet"
)

// file is one input file of a source.
type file struct {
	alias string
	path  string // absolute
	name  string // as the manifest and messages show it
	format,
	sha string
	bytes  int64
	header string // first line of a text file, without its line break
	rows   bool   // a text file has something below its first line
}

// formatOf returns the format by the name of a file, looking through .gz and .zst.
func formatOf(name string) (string, bool) {
	base := strings.ToLower(name)
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), ".zst")
	for suffix, format := range map[string]string{
		".csv": formatCSV, ".tsv": formatCSV, ".txt": formatCSV,
		".ndjson": formatNDJSON, ".jsonl": formatNDJSON, ".json": formatNDJSON,
		".parquet": formatParquet, ".pq": formatParquet,
	} {
		if strings.HasSuffix(base, suffix) {
			return format, true
		}
	}
	return "", false
}

// probe reads a file once: its sha256 and, of plain and gzipped text, what the engine would let
// pass or report without a place: a NUL byte, a line beyond the limit, a gzip stream that is cut off.
// It returns the file's problem, or nil.
func (f *file) probe() (*Rejection, error) {
	in, err := files.Open(f.path)
	if err != nil {
		return &Rejection{Code: CodeMissingFile, Message: fmt.Sprintf("cannot be opened: %v", err), Hint: "check the path and its permissions"}, nil
	}
	defer func() { _ = in.Close() }() // opened for reading: nothing is lost by a failed close
	h := sha256.New()
	counted := &counter{w: h}
	raw := io.TeeReader(bufio.NewReaderSize(in, 1<<20), counted)
	problem, err := f.scan(raw)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	if _, err := io.Copy(io.Discard, raw); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	f.sha, f.bytes = hex.EncodeToString(h.Sum(nil)), counted.n
	if f.bytes == 0 {
		problem = &Rejection{Code: CodeEmptyFile, Message: "the file is empty", Hint: "was it written completely? remove it or deliver it again"}
	}
	return problem, nil
}

// scan looks at the text of a file.
func (f *file) scan(raw io.Reader) (*Rejection, error) {
	switch {
	case f.format == formatParquet || strings.HasSuffix(f.path, ".zst"):
		return nil, nil // the engine checks these: parquet carries its lengths, zstd its checksums
	case strings.HasSuffix(f.path, ".gz"):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return gzipProblem(err)
		}
		problem, err := f.scanText(z)
		if err != nil {
			return gzipProblem(err)
		}
		return problem, nil
	default:
		return f.scanText(raw)
	}
}

// gzipProblem tells a damaged stream, which is the file's fault, from a failing disk.
func gzipProblem(err error) (*Rejection, error) {
	if errors.Is(err, io.EOF) {
		return &Rejection{Code: CodeEmptyFile, Message: "the file is empty", Hint: "was it written completely? remove it or deliver it again"}, nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || strings.Contains(err.Error(), "flate:") {
		return &Rejection{Code: CodeUnreadable, Message: fmt.Sprintf("the gzip stream is damaged or cut off: %v", err), Hint: "deliver the file again"}, nil
	}
	return nil, err
}

// scanText reads text in large pieces. It keeps the first line, and stops at the first problem.
func (f *file) scanText(r io.Reader) (*Rejection, error) {
	buf := make([]byte, 1<<20)
	var line, length int64 = 1, 0
	var first []byte
	for {
		n, err := r.Read(buf)
		b := buf[:n]
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return &Rejection{
				Line: line + int64(bytes.Count(b[:i], []byte{'\n'})), Code: CodeUnreadable, Message: "a NUL byte in the text",
				Hint: "write the file as UTF-8 text; UTF-16 and binary exports hold NUL bytes",
			}, nil
		}
		for len(b) > 0 {
			i := bytes.IndexByte(b, '\n')
			part := b
			if i >= 0 {
				part = b[:i]
			}
			if line == 1 {
				first = append(first, part...)
			} else if len(bytes.TrimSpace(part)) > 0 {
				f.rows = true
			}
			if length += int64(len(part)); length > maxLine {
				message, hint := longLine()
				return &Rejection{Line: line, Code: CodeUnreadable, Message: message, Hint: hint}, nil
			}
			if i < 0 {
				break
			}
			b, line, length = b[i+1:], line+1, 0
		}
		if errors.Is(err, io.EOF) {
			f.header = strings.TrimSuffix(strings.TrimPrefix(string(first), "\ufeff"), "\r")
			if line == 1 && strings.Contains(f.header, "\r") {
				return &Rejection{
					Line: 1, Code: CodeUnreadable, Message: "the lines end in a carriage return alone (CR), as old programs write them",
					Hint: "write line ends as LF or CRLF",
				}, nil
			}
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// counter counts what passes to w.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}
