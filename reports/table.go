package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vouch/referral"
)

// Table is a table of a page and of the e-mail, and the CSV file beside it: one definition, so that
// they cannot disagree.
type Table struct {
	ID      string // file name and anchor
	Caption string
	Columns []Column
	Rows    [][]Cell
	// Rest is a row for all that stand in no row of their own, or nil; Foot one of totals, or nil.
	Rest, Foot []Cell
	// Show is how many rows the page shows at most, 0 for all; the file has all.
	Show int
}

// Column heads a column. CSV names the column's fields in the file, with units.
type Column struct {
	Head    string
	Unit    string // shown under the head
	Numeric bool   // right-aligned, sorted as numbers
	Prose   bool   // sentences, which need room
	CSV     []string
}

// Cell is one value: Text for readers with Sub in a lighter tone after it, Title on hover, Sort to
// sort by and CSV for the file. Tone and Mark carry meaning beside the text.
type Cell struct {
	Text  string
	Sub   string
	Title string
	Sort  string
	Tone  string // better, worse, neutral, warn; a class of the stylesheet
	Shape string // of a verdict, drawn before the text: ship, hold, stop, invalid
	Name  bool   // a name of the data, which may be written from right to left
	Link  string // an anchor on the same page or a page of the same run
	Spark []*float64
	CSV   []string
}

// Shown are the rows that the page shows.
func (t *Table) Shown() [][]Cell {
	if t.Show > 0 && len(t.Rows) > t.Show {
		return t.Rows[:t.Show]
	}
	return t.Rows
}

// Feet are the rows below the others, which stay below them when the table is sorted.
func (t *Table) Feet() [][]Cell {
	var out [][]Cell
	for _, row := range [][]Cell{t.Rest, t.Foot} {
		if row != nil {
			out = append(out, row)
		}
	}
	return out
}

// withoutBlanks drops the columns in which nothing stands, in the rows or below them: what an analysis does
// not know of anything needs no column. The first column stays.
func (t *Table) withoutBlanks() *Table {
	keep := []int{0}
	all := append(slices.Clone(t.Rows), t.Feet()...)
	for i := 1; i < len(t.Columns); i++ {
		if slices.ContainsFunc(all, func(row []Cell) bool { return row[i].Text != "" }) {
			keep = append(keep, i)
		}
	}
	cut := func(row []Cell) []Cell { return pick(row, keep) }
	t.Columns, t.Rest, t.Foot = pick(t.Columns, keep), cut(t.Rest), cut(t.Foot)
	for i := range t.Rows {
		t.Rows[i] = cut(t.Rows[i])
	}
	return t
}

// pick returns the elements at the given places; nothing of nothing.
func pick[T any](from []T, at []int) []T {
	var out []T
	for _, i := range at {
		if i < len(from) {
			out = append(out, from[i])
		}
	}
	return out
}

// Filter reports whether the page shows rows enough for a filter box.
func (t *Table) Filter() bool { return len(t.Shown()) > 15 }

// Dense reports whether the table is so wide that intervals go under their values.
func (t *Table) Dense() bool { return len(t.Columns) > 8 }

// CSVFile returns the table by RFC 4180: UTF-8, CRLF, a header, raw numbers. Cells that a
// spreadsheet would run as a formula get a leading apostrophe.
func (t *Table) CSVFile() ([]byte, error) {
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	w.UseCRLF = true
	var head []string
	for _, c := range t.Columns {
		head = append(head, c.CSV...)
	}
	if err := w.Write(head); err != nil {
		return nil, fmt.Errorf("table %s: %w", t.ID, err)
	}
	for i, row := range t.Rows {
		var rec []string
		for _, c := range row {
			for _, v := range c.CSV {
				rec = append(rec, Neutral(v))
			}
		}
		if len(rec) != len(head) {
			return nil, fmt.Errorf("table %s: row %d has %d fields, the header %d", t.ID, i+1, len(rec), len(head))
		}
		if err := w.Write(rec); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.ID, err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("table %s: %w", t.ID, err)
	}
	return buf.Bytes(), nil
}

// Neutral makes a text harmless in a spreadsheet: one that begins with = + - @, also in their wide
// forms, a tab or a line end gets an apostrophe, unless it is a number. Every CSV file and table of
// Vouch goes through it.
func Neutral(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s == "" || !strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && !strings.ContainsAny(s, "xXpPnNiI_") {
		return s
	}
	return "'" + s
}

// proseColumn heads a column of sentences.
func proseColumn(head string) Column {
	return Column{Head: head, Prose: true, CSV: []string{snake(head)}}
}

// text makes a cell of words.
func text(s string) Cell { return Cell{Text: s, Sort: s, CSV: []string{s}} }

// name makes a cell of a name that is long to read: shortened in the middle, in full on hover.
func name(full string) Cell {
	c := text(full)
	c.Name = true
	if short := shorten(full); short != full {
		c.Text, c.Title = short, full
	}
	return c
}

// count makes a cell of a whole number.
func (n Numbers) countCell(v int64) Cell {
	s := strconv.FormatInt(v, 10)
	return Cell{Text: n.Count(v), Sort: s, CSV: []string{s}}
}

// microCell makes a cell of a count in millionths.
func (n Numbers) microCell(v Micro) Cell {
	s := referral.Micros(int64(v)).String()
	return Cell{Text: group(strconv.FormatFloat(math.Round(float64(v)/1e4)/100, 'f', -1, 64)), Sort: s, CSV: []string{s}}
}

// moneyCell makes a cell of an exact amount; the currency stands in the head.
func (n Numbers) moneyCell(minor int64) Cell {
	d := referral.Money{Minor: minor, Currency: n.Currency}.Decimal()
	return Cell{Text: group(d), Sort: strconv.FormatInt(minor, 10), CSV: []string{d}}
}

// amountCell is moneyCell of an amount that may not have been computed.
func (n Numbers) amountCell(minor *int64) Cell {
	if minor == nil {
		return Cell{CSV: []string{""}}
	}
	return n.moneyCell(*minor)
}

// moneyColumn heads a column of exact amounts.
func (n Numbers) moneyColumn(head string) Column {
	return Column{Head: head, Unit: n.Currency, Numeric: true, CSV: []string{snake(head) + " (" + n.Currency + ")"}}
}

// countColumn heads a column of whole numbers.
func countColumn(head string) Column {
	return Column{Head: head, Numeric: true, CSV: []string{snake(head)}}
}

// textColumn heads a column of words.
func textColumn(head string) Column { return Column{Head: head, CSV: []string{snake(head)}} }

// estimateColumn heads a column of estimates: in the file the value, its interval and its origin
// have columns of their own.
func (n Numbers) estimateColumn(head string, k Kind) Column {
	unit, short := "", ""
	switch k {
	case KindMoney, KindGain:
		unit, short = n.Currency, n.Currency
	case KindRate, KindPoints, KindLift:
		short = "fraction"
	case KindMonths:
		unit, short = "months", "months"
	case KindTime, KindDelay:
		short = "seconds"
	case KindCount, KindDelta, KindRatio:
	}
	f := snake(head)
	value := f
	if short != "" {
		value += " (" + short + ")"
	}
	return Column{
		Head: head, Unit: unit, Numeric: true,
		CSV: []string{value, f + "_lo", f + "_hi", f + "_numerator", f + "_denominator", f + "_reason"},
	}
}

// estimateCell makes a cell of an estimate: the value, its interval in a lighter tone, and for a
// rate its cases on hover.
func (n Numbers) estimateCell(e referral.Estimate, k Kind) Cell {
	c := Cell{Text: n.Estimate(e, k), Sub: n.Interval(e, k), CSV: n.estimateCSV(e, k)}
	if e.Value != nil {
		c.Sort = raw(*e.Value)
	} else {
		c.Tone = "absent"
	}
	num, ok1 := wholeOf(e.Numerator)
	den, ok2 := wholeOf(e.Denominator)
	if k == KindRate && ok1 && ok2 {
		c.Title = n.Count(num) + " of " + n.Count(den)
		if den < TooFew {
			c.Tone = "absent"
		}
	}
	switch {
	case e.Value == nil:
	case k == KindMoney:
		c.Text = strings.TrimPrefix(c.Text, n.Currency+nbsp)
	case k == KindMonths:
		c.Text = strings.TrimSuffix(c.Text, nbsp+"months")
	}
	return c
}

// estimateCSV returns the six fields of an estimate; money in major units.
func (n Numbers) estimateCSV(e referral.Estimate, k Kind) []string {
	num := func(v *float64) string {
		if v == nil {
			return ""
		}
		if k == KindMoney || k == KindGain {
			return raw(*v / math.Pow10(n.decimals()))
		}
		return raw(*v)
	}
	out := []string{num(e.Value), num(e.Lo), num(e.Hi), "", "", e.Reason}
	if e.Numerator != nil {
		out[3] = e.Numerator.String()
	}
	if e.Denominator != nil {
		out[4] = e.Denominator.String()
	}
	return out
}

// raw writes a float with every digit that is needed to read it back.
func raw(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// snake makes a column name of a head: "Revenue per person" is revenue_per_person.
func snake(s string) string {
	f := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(f, "_")
}
