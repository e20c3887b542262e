package schema

// Names of the tables that ingest and the stages after it derive. Their columns are described here
// for the readers; the DDL lives with the stage that writes them.
const (
	// EventFacts holds one row per analysed event, sorted by (person_key, occurred_at, event_id):
	//   person_key INTEGER (BIGINT beyond 2^31), event_key UTINYINT|USMALLINT|INTEGER,
	//   partner_key SMALLINT|INTEGER (NULL: no partner), occurred_at TIMESTAMP, received_at TIMESTAMP,
	//   day DATE (local to the reporting zone), event_id VARCHAR, source VARCHAR,
	//   referrer_key like person_key (NULL: none), referral_code, channel, campaign, order_id VARCHAR,
	//   amount_minor BIGINT (as sent), currency VARCHAR,
	//   value_minor BIGINT (amount in the project's currency by the day's rate, NULL without a rate),
	//   status VARCHAR, properties VARCHAR (JSON object or NULL), bucket SMALLINT, batch_id INTEGER,
	//   person_alias, referrer_alias INTEGER (which id the source used, if identities map it to another
	//   person: a key of person_aliases; for the loader, not for analyses).
	// Times never carry a zone: they are UTC.
	EventFacts = "event_facts"
	// StepFacts is a copy of the rows of EventFacts whose event is a step of a funnel, in the same order,
	// with person_key, occurred_at, event_key, partner_key and value_minor only. It is there when those
	// rows are at most half of all; the key step_keys of Meta then lists their event keys.
	StepFacts = "step_facts"
	// EventsExcluded has the columns of EventFacts and reason (duplicate, internal, self_referral, bot),
	// in the order of loading.
	EventsExcluded = "event_excluded"
	// Events is a view over EventFacts with the dictionaries joined back (the contract's column names).
	Events = "events"
	// EventsAll is the same over EventFacts and EventsExcluded, with reason (NULL if analysed).
	EventsAll = "events_all"
	// EventNames is (event_key, event, rows): the event catalogue.
	EventNames = "event_names"
	// PartnerKeys is (partner_key, partner_id): every partner seen in any input, keys from 0 in
	// order of partner_id.
	PartnerKeys = "partner_keys"
	// Persons is (person_key, person_id, first_seen, acquired_at, acquired_day DATE, referrer_key,
	// attributes, flags): keys from 0, dense. acquired_at is the person's first analysed acquisition
	// event, referrer_key that of the earliest event that has one.
	Persons = "persons"
	// AcquisitionFacts is (person_key, partner_key (NULL: organic), variant VARCHAR, at TIMESTAMP,
	// day DATE, weight BIGINT in micro-units): one or more rows per acquired person whose weights sum
	// to 1,000,000. Written by partners/attribution.
	AcquisitionFacts = "acquisition_facts"
	// Acquisitions is a view over AcquisitionFacts with the ids joined back: person_id, partner_id
	// (NULL: organic), variant, at, weight.
	Acquisitions = "acquisitions"
	// Quarantine is (source, file, row BIGINT (1-based data row), column_name, code, message, raw, batch_id).
	Quarantine = "quarantine"
	// Manifest is (source, kind, file, sha256, bytes, rows, accepted, duplicates, rejected, batch_id,
	// mapping_sha256).
	Manifest = "load_manifest"
	// Meta is (key, value) text: schema_version, timezone, currency, clustered, data_sha256, ….
	Meta = "meta"
)
