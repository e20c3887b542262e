// Package quality marks persons and partners whose results may not be what they seem, with the
// evidence a human needs to judge. A flag accuses nobody and takes no money away: the ledger holds
// what is flagged, and a person decides.
//
// Kinds of flags:
//
//	self_referral  the person used his own code; settled at ingest, listed here
//	bot            the person is a machine; settled at ingest, listed here
//	ring           the person's referrer was referred, directly or once removed, by the person: in an
//	               honest programme who refers whom has no cycles
//	burst          a partner's sign-ups of one day are far above its own other days
package quality
