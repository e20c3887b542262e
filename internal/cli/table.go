package cli

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// table is rows of text under headings. Left lists the columns that hold words; all others are
// numbers and right-aligned.
type table struct {
	title string
	head  []string
	left  map[int]bool
	rows  [][]string
	bare  bool // without its headings on a terminal
}

func newTable(title string, left int, head ...string) table {
	t := table{title: title, head: head, left: map[int]bool{}}
	for i := range left {
		t.left[i] = true
	}
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// fit drops columns, those named first first, until the table is at most width cells wide. Width 0
// keeps everything: a file has no edge.
func (t *table) fit(width int, optional ...string) {
	for _, name := range optional {
		if width == 0 || t.width() <= width {
			return
		}
		for i, h := range t.head {
			if h == name {
				t.drop(i)
				break
			}
		}
	}
}

// squeeze drops the columns in which nothing stands.
func (t *table) squeeze() {
	for i := len(t.head) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(t.rows, func(r []string) bool { return r[i] != "" }) {
			t.drop(i)
		}
	}
}

// width is the number of cells of the widest line.
func (t *table) width() int {
	n := 0
	for i, h := range t.head {
		w := cells(h)
		for _, r := range t.rows {
			w = max(w, cells(r[i]))
		}
		n += w + 2
	}
	return n
}

// drop removes a column.
func (t *table) drop(i int) {
	t.head = slices.Delete(slices.Clone(t.head), i, i+1)
	for k, r := range t.rows {
		t.rows[k] = slices.Delete(slices.Clone(r), i, i+1)
	}
	left := map[int]bool{}
	for j := range t.left {
		switch {
		case j < i:
			left[j] = true
		case j > i:
			left[j-1] = true
		}
	}
	t.left = left
}

// writeTables aligns tables for a terminal.
func writeTables(w io.Writer, ts []table) {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 {
			b.WriteByte('\n')
		}
		if t.title != "" {
			b.WriteString(printable(t.title) + "\n\n")
		}
		t.align(&b)
	}
	_, _ = io.WriteString(w, b.String()) // a closed pipe has nobody left to tell
}

// align writes a table for the terminal: whatever its texts come from, they cannot steer it.
func (t table) align(b *strings.Builder) {
	rows := make([][]string, 0, 1+len(t.rows))
	all := append([][]string{t.head}, t.rows...)
	if t.bare {
		all = t.rows
	}
	for _, r := range all {
		clean := make([]string, len(r))
		for i, c := range r {
			clean[i] = printable(c)
		}
		rows = append(rows, clean)
	}
	width := make([]int, len(t.head))
	for i := range t.head {
		for _, r := range rows {
			width[i] = max(width[i], cells(r[i]))
		}
	}
	line := func(r []string) {
		var l strings.Builder
		l.WriteString("  ")
		for i, c := range r {
			pad := strings.Repeat(" ", width[i]-cells(c))
			if t.left[i] {
				l.WriteString(c + pad)
			} else {
				l.WriteString(pad + c)
			}
			if i < len(r)-1 {
				l.WriteString("  ")
			}
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	for _, r := range rows {
		line(r)
	}
}

// cells counts the terminal cells of a text: wide East Asian characters and emoji take two,
// combining marks none.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case r >= 0x1100 && r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3,
			r >= 0xF900 && r <= 0xFAFF, r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60, r >= 0x1F300 && r <= 0x1FAFF:
			n += 2
		default:
			n++
		}
	}
	return n
}

// shorten cuts the middle out of a text of more than n runes.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n/2]) + "…" + string(r[len(r)-(n-n/2-1):])
}

// printable replaces control characters and those that turn the direction of a line, so that a name from the data cannot steer the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// printableLines is printable for a text of several lines, such as an error that quotes a file.
func printableLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\t", " "), "\n")
	for i, l := range lines {
		lines[i] = printable(l)
	}
	return strings.Join(lines, "\n")
}

// writeCSV writes the tables as RFC 4180; several are separated by an empty line and begin with
// their headings.
func writeCSV(w io.Writer, ts []table) error {
	c := csv.NewWriter(w)
	for i, t := range ts {
		if i > 0 {
			c.Flush()
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := c.Write(t.head); err != nil {
			return err
		}
		for _, r := range t.rows {
			r = slices.Clone(r)
			for j := range r {
				if t.left[j] {
					r[j] = neutral(r[j])
				}
			}
			if err := c.Write(r); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// neutral puts an apostrophe before a text that a spreadsheet would run as a formula.
func neutral(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// writeMarkdown writes the tables as pipe tables.
func writeMarkdown(w io.Writer, ts []table) error {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 {
			b.WriteByte('\n')
		}
		if t.title != "" {
			b.WriteString("**" + t.title + "**\n\n")
		}
		row := func(r []string) {
			for _, c := range r {
				b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
			}
			b.WriteString("|\n")
		}
		row(t.head)
		for j := range t.head {
			if t.left[j] {
				b.WriteString("|---")
			} else {
				b.WriteString("|---:")
			}
		}
		b.WriteString("|\n")
		for _, r := range t.rows {
			row(r)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
