//go:build !duckdb_arrow

package duckdb

// streamBatches is the path that Stream takes: row by row, since this binary has no Arrow.
var streamBatches streamer = streamRows

// Arrow tells whether streams hand over Arrow buffers.
const Arrow = false
