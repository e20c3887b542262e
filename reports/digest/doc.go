// Package digest writes the weekly summary as an e-mail and sends it, once to each recipient.
//
// A message has a text part, an HTML part of tables with inline styles (600 px wide, readable with
// pictures blocked) and pictures referred to by content id. Nothing is loaded from a server. Equal
// bundles and options give equal bytes: Message-ID, Date and boundaries come from the run and its
// as-of time, never from a clock or a random source.
//
// Sending is idempotent: a ledger, one JSON object a line, remembers report, period and recipient,
// and a second sending is refused unless asked for. Temporary failures (4xx, a broken connection) are
// retried a bounded number of times; permanent ones (5xx) are not.
package digest
