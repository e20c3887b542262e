// Package ingest turns source files into the contract tables of internal/schema.
//
// One Load reads the configured sources (CSV, NDJSON, Parquet; plain, gzip, zstd), maps and converts
// their columns, and derives what analyses read: the identity map, the person dictionary, the event
// facts in the order of the streams. All of it happens in one transaction: a load that is refused
// leaves the database exactly as it was.
//
// What is refused and what is set aside. A file that cannot be read as what it claims to be (absent,
// empty, cut off, not UTF-8, a ragged row, a mapped column that it lacks) refuses the load, with file,
// line and remedy. A row whose values break the contract (an amount with too many digits, an unknown
// currency, a time that is none) is rejected. Without a `reject` setting one rejected row refuses the
// whole load too, because numbers over silently incomplete data are wrong numbers; a source that
// declares `reject: 0.01` (at most one row in a hundred) or `reject: all` loads its good rows and
// keeps the others in the table quarantine, each with file, row, column, code, message and raw text.
//
// Limits. A line of a text file, with the line breaks its quoted fields hold, has at most 8 MB; a longer
// one refuses the load. Ids, names and labels, all text columns of the contract but properties,
// attributes and touch paths, have at most 1,024 bytes. An amount has at most 15 digits in minor units,
// so that sums of a billion rows stay within 128 bits; more is a mistake in the unit. Texts of spaces
// alone are no value. NDJSON is read as strictly as CSV: NaN, Infinity, commas before a closing bracket
// and NUL characters refuse the load, and an object or a list is no id.
//
// The SELECT of a source with sql: sees its files under their aliases and nothing else, and gives the same
// rows whenever it runs: it reads no other file or table, no clock and no random numbers. What breaks
// this is a problem of the configuration and found before anything is read.
//
// Repeated deliveries. A file is known by its sha256 and by the mapping it was read with; loading it
// again does nothing. A file that changed under the same name replaces its earlier rows. A changed
// mapping reads the whole source anew. An event delivered twice, the same source and event_id, counts
// once: the row with the latest received_at, and among equals the one loaded last; the others are
// kept in event_excluded with reason duplicate. A source without event ids gets the md5 of the row as
// id: equal rows of one file are then separate events, numbered, because nothing says otherwise,
// while the same row in another file is a repeated delivery.
//
// Times are stored in UTC. A text with a zone or an offset means itself; one without is local to the
// source's `zone` (default UTC). When clocks are set back, a local time that occurs twice means the
// second of the two instants, the one in standard time; when they are set forward, a local time that
// is skipped means the instant as if the clocks had not been moved yet (02:30 becomes 03:30).
package ingest
