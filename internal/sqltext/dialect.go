package sqltext

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vouch/referral"
)

// Dialect is what differs between engines beyond the portable subset. It stays small: at most
// twelve functions, each with a case in the truth table that runs on the engine.
type Dialect interface {
	// Name is the engine's name and the infix of its override files: duckdb, trino.
	Name() string
	// Ident quotes a name.
	Ident(name string) string
	// TimestampArg is the placeholder of a time bound as UTC text with microseconds.
	TimestampArg() string
	// Micros is the count of microseconds since 1970-01-01 of a TIMESTAMP, as BIGINT.
	Micros(expr string) string
	// TruncDate is the first day of the period holding a DATE, as DATE. Weeks begin on Monday.
	TruncDate(g referral.Grain, expr string) string
	// DaysBetween is the number of days from one DATE to another, negative if to is earlier.
	DaysBetween(from, to string) string
	// JSONText is the text of the property named by one placeholder in a JSON column: strings
	// unquoted, other values as JSON, NULL if absent or null.
	JSONText(column string) string
	// JSON is the property named by one placeholder in a JSON column as the text of its JSON: strings
	// quoted, null as null, NULL if absent. The first character tells the type.
	JSON(column string) string
	// KeyIn tells whether a dictionary key (an integer ≥ 0, never NULL) is one of a list.
	KeyIn(expr string, keys []int64) string
	// Wide is an integer expression in a type whose products are exact: a product that is not is an error.
	Wide(expr string) string
	// Bucket is the stable hash bucket of a text in [0, n): the first 32 bits of its md5, modulo n.
	Bucket(expr string, n int) string
}

// quote doubles the quotes of an identifier, as standard SQL wants it.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// DuckDB is the dialect of the embedded engine.
type DuckDB struct{}

// Name implements Dialect.
func (DuckDB) Name() string { return "duckdb" }

// Ident implements Dialect.
func (DuckDB) Ident(name string) string { return quote(name) }

// TimestampArg implements Dialect.
func (DuckDB) TimestampArg() string { return "CAST(? AS TIMESTAMP)" }

// Micros implements Dialect.
func (DuckDB) Micros(expr string) string { return "epoch_us(" + expr + ")" }

// TruncDate implements Dialect. DuckDB returns a TIMESTAMP for a DATE, hence the cast.
func (DuckDB) TruncDate(g referral.Grain, expr string) string {
	return fmt.Sprintf("CAST(date_trunc('%s', %s) AS DATE)", g, expr)
}

// DaysBetween implements Dialect.
func (DuckDB) DaysBetween(from, to string) string {
	return fmt.Sprintf("date_diff('day', %s, %s)", from, to)
}

// JSONText implements Dialect. The name becomes a JSON pointer (RFC 6901), which can spell any name;
// a path of the "$" kind cannot spell a name with quotes in it.
func (DuckDB) JSONText(column string) string {
	return fmt.Sprintf("json_extract_string(%s, '/' || replace(replace(?, '~', '~0'), '/', '~1'))", column)
}

// JSON implements Dialect.
func (DuckDB) JSON(column string) string {
	return fmt.Sprintf("CAST(json_extract(%s, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR)", column)
}

// KeyIn implements Dialect. A list of values is compared one after the other over all rows, which takes
// longer than reading the columns; a bit of a constant takes a fifth of that (measured over 50 million
// rows and four keys: 250 ms and 65 ms on two threads). Nor does it keep the order in which a table lies: a longer
// list is joined. A shift beyond the bits of a constant, either way, gives 0.
func (DuckDB) KeyIn(expr string, keys []int64) string {
	const word = 63 // bits, so that constants are not negative
	masks := map[int64]uint64{}
	for _, k := range keys {
		masks[k/word] |= 1 << (k % word)
	}
	bits := []string{}
	for _, w := range slices.Sorted(maps.Keys(masks)) {
		shift := expr
		if w > 0 {
			shift = fmt.Sprintf("(CAST(%s AS BIGINT) - %d)", expr, w*word)
		}
		bits = append(bits, fmt.Sprintf("(CAST(%d AS BIGINT) >> %s)", masks[w], shift))
	}
	if len(bits) == 0 {
		return "FALSE"
	}
	return "((" + strings.Join(bits, " | ") + ") & 1) = 1"
}

// keyList is the portable form.
func keyList(expr string, keys []int64) string {
	if len(keys) == 0 {
		return "FALSE"
	}
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = strconv.FormatInt(k, 10)
	}
	return expr + " IN (" + strings.Join(texts, ", ") + ")"
}

// Bucket implements Dialect.
func (DuckDB) Bucket(expr string, n int) string {
	return fmt.Sprintf("(CAST(('0x' || substr(md5(%s), 1, 8)) AS BIGINT) %% %d)", expr, n)
}

// Wide implements Dialect. A DECIMAL is checked against its digits at every step, a HUGEINT only against its bits.
func (DuckDB) Wide(expr string) string { return "CAST(" + expr + " AS HUGEINT)" }

// Trino is the dialect of the cluster.
type Trino struct{}

// Name implements Dialect.
func (Trino) Name() string { return "trino" }

// Ident implements Dialect.
func (Trino) Ident(name string) string { return quote(name) }

// TimestampArg implements Dialect. A bare cast would cut the microseconds.
func (Trino) TimestampArg() string { return "CAST(? AS TIMESTAMP(6))" }

// Micros implements Dialect.
func (Trino) Micros(expr string) string {
	return "CAST(to_unixtime(" + expr + ") * 1e6 AS BIGINT)"
}

// TruncDate implements Dialect.
func (Trino) TruncDate(g referral.Grain, expr string) string {
	return fmt.Sprintf("date_trunc('%s', %s)", g, expr)
}

// DaysBetween implements Dialect.
func (Trino) DaysBetween(from, to string) string {
	return fmt.Sprintf("date_diff('day', %s, %s)", from, to)
}

// JSONText implements Dialect.
func (Trino) JSONText(column string) string {
	return fmt.Sprintf("json_extract_scalar(%s, '$[\"' || ? || '\"]')", column)
}

// JSON implements Dialect.
func (Trino) JSON(column string) string {
	return fmt.Sprintf("json_format(json_extract(%s, '$[\"' || ? || '\"]'))", column)
}

// KeyIn implements Dialect.
func (Trino) KeyIn(expr string, keys []int64) string { return keyList(expr, keys) }

// Bucket implements Dialect.
func (Trino) Bucket(expr string, n int) string {
	return fmt.Sprintf("(from_base(substr(to_hex(md5(to_utf8(%s))), 1, 8), 16) %% %d)", expr, n)
}

// Wide implements Dialect. Of two factors of 19 digits the product has 38.
func (Trino) Wide(expr string) string { return "CAST(" + expr + " AS DECIMAL(19,0))" }
