package digest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vouch/internal/files"
)

// Entry is one line of the send ledger: a message that a server accepted for a recipient.
type Entry struct {
	Report    string    `json:"report"`
	Period    string    `json:"period"`
	Recipient string    `json:"recipient"`
	MessageID string    `json:"message_id"`
	SentAt    time.Time `json:"sent_at"`
}

// Ledger remembers what was sent to whom, one JSON object a line. The caller holds a lock while it
// is open: two senders would both see an empty ledger.
type Ledger struct {
	path    string
	entries []Entry
}

// OpenLedger reads a ledger; a file that does not exist yet is an empty one. A line that cannot be
// read is an error: guessing that nothing was sent would send it again.
func OpenLedger(path string) (*Ledger, error) {
	l := &Ledger{path: path}
	if !files.Exists(path) {
		return l, nil
	}
	b, err := files.Read(path)
	if err != nil {
		return nil, fmt.Errorf("send ledger: %w", err)
	}
	s := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; s.Scan(); n++ {
		var e Entry
		d := json.NewDecoder(bytes.NewReader(s.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("send ledger %s:%d: %w", path, n, err)
		}
		l.entries = append(l.entries, e)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("send ledger %s: %w", path, err)
	}
	return l, nil
}

// Sent reports whether a recipient has the report of a period.
func (l *Ledger) Sent(report, period, recipient string) bool {
	return slices.ContainsFunc(l.entries, func(e Entry) bool {
		return e.Report == report && e.Period == period && e.Recipient == recipient
	})
}

// add appends an entry and writes the ledger, whole or not at all.
func (l *Ledger) add(e Entry) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for _, x := range append(slices.Clone(l.entries), e) {
		if err := enc.Encode(x); err != nil {
			return fmt.Errorf("send ledger: %w", err)
		}
	}
	if err := files.WriteAtomic(l.path, buf.Bytes()); err != nil {
		return fmt.Errorf("send ledger: %w", err)
	}
	l.entries = append(l.entries, e)
	return nil
}
