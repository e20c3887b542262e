package schema

import "vouch/referral"

// archetypes and costKinds are the vocabularies of referral as plain text.
func archetypes() []string {
	var out []string
	for _, a := range referral.Archetypes() {
		out = append(out, string(a))
	}
	return out
}

func costKinds() []string {
	var out []string
	for _, k := range referral.CostKinds() {
		out = append(out, string(k))
	}
	return out
}

var inputs = []Table{
	{
		Name: "events", Grain: "one event", Key: []string{"source", "event_id"},
		Doc: "what happened to a person: invites, clicks, sign-ups, purchases, refunds",
		Columns: []Column{
			{Name: "event_id", Type: Text, Doc: "identifies the event within its source; a hash of the row when the source has none"},
			{Name: "person_id", Type: Text, Required: true, Role: Person, Doc: "who did it, or to whom it happened"},
			{Name: "event", Type: Text, Required: true, Doc: "name of the event"},
			{Name: "occurred_at", Type: Timestamp, Required: true, Doc: "when it happened"},
			{Name: "received_at", Type: Timestamp, Doc: "when it arrived; occurred_at if not given"},
			{Name: "referrer_id", Type: Text, Role: Person, Doc: "the person who referred"},
			{Name: "referral_code", Type: Text, Doc: "code of the invite"},
			{Name: "partner_id", Type: Text, Doc: "partner the event is credited to by the source"},
			{Name: "channel", Type: Text},
			{Name: "campaign", Type: Text},
			{Name: "order_id", Type: Text, Doc: "order a purchase, refund or reversal belongs to"},
			{Name: "amount_minor", Type: Int, Role: Amount, Doc: "money of the event; refunds are positive amounts of a refund event"},
			{Name: "currency", Type: Text, Role: CurrencyCode},
			{Name: "status", Type: Text},
			{Name: "properties", Type: Text, Role: Overflow, Doc: "JSON object of everything else"},
		},
	},
	{
		Name: "persons", Grain: "one person", Key: []string{"person_id"}, Unique: true,
		Doc: "what is known of a person beyond the events",
		Columns: []Column{
			{Name: "person_id", Type: Text, Required: true, Role: Person},
			{Name: "flags", Type: Text, Doc: "comma-separated: internal, bot"},
			{Name: "attributes", Type: Text, Role: Overflow},
		},
	},
	{
		Name: "partners", Grain: "one partner", Key: []string{"partner_id"}, Unique: true,
		Columns: []Column{
			{Name: "partner_id", Type: Text, Required: true},
			{Name: "name", Type: Text},
			{Name: "archetype", Type: Text, Role: Enum, Values: archetypes(), Doc: "other if not given"},
			{Name: "tier", Type: Text},
			{Name: "industry", Type: Text},
			{Name: "region", Type: Text},
			{Name: "audience", Type: Text},
			{Name: "joined_at", Type: Timestamp},
			{Name: "left_at", Type: Timestamp},
			{Name: "owner", Type: Text},
			{Name: "email", Type: Text},
		},
	},
	{
		Name: "costs", Grain: "one cost line",
		Columns: []Column{
			{Name: "partner_id", Type: Text, Doc: "empty for a cost of a campaign or of the whole programme"},
			{Name: "campaign", Type: Text},
			{Name: "day", Type: Date, Required: true},
			{Name: "kind", Type: Text, Required: true, Role: Enum, Values: costKinds()},
			{Name: "amount_minor", Type: Int, Required: true, Role: Amount},
			{Name: "currency", Type: Text, Role: CurrencyCode},
		},
	},
	{
		Name: "exposures", Grain: "one sighting of a unit in an experiment",
		Columns: []Column{
			{Name: "experiment", Type: Text, Required: true},
			{Name: "unit_id", Type: Text, Required: true},
			{Name: "variant", Type: Text, Required: true},
			{Name: "exposed_at", Type: Timestamp, Required: true},
			{Name: "stratum", Type: Text},
		},
	},
	{
		Name: "service", Grain: "one partner request",
		Columns: []Column{
			{Name: "partner_id", Type: Text, Required: true},
			{Name: "opened_at", Type: Timestamp, Required: true},
			{Name: "first_response_at", Type: Timestamp},
			{Name: "resolved_at", Type: Timestamp},
			{Name: "kind", Type: Text},
			{Name: "rating", Type: Int},
		},
	},
	{
		Name: "onboarding", Grain: "one partner step", Key: []string{"partner_id", "step"}, Unique: true,
		Columns: []Column{
			{Name: "partner_id", Type: Text, Required: true},
			{Name: "step", Type: Text, Required: true},
			{Name: "done_at", Type: Timestamp, Required: true},
		},
	},
	{
		Name: "contacts", Grain: "one partner contact",
		Columns: []Column{
			{Name: "partner_id", Type: Text, Required: true},
			{Name: "at", Type: Timestamp, Required: true},
			{Name: "kind", Type: Text, Role: Enum, Values: []string{"review", "training", "co_marketing", "update"}},
			{Name: "owner", Type: Text},
		},
	},
	{
		Name: "aggregates", Grain: "one partner and day", Key: []string{"partner_id", "day"}, Unique: true,
		Doc: "pre-aggregated results of partners whose events are not at hand",
		Columns: []Column{
			{Name: "partner_id", Type: Text, Required: true},
			{Name: "day", Type: Date, Required: true},
			{Name: "impressions", Type: Int},
			{Name: "clicks", Type: Int},
			{Name: "conversions", Type: Int},
			{Name: "revenue_minor", Type: Int, Role: Amount},
			{Name: "currency", Type: Text, Role: CurrencyCode},
		},
	},
	{
		Name: "experiment_summary", Grain: "one arm", Key: []string{"experiment", "metric", "variant"}, Unique: true,
		Columns: []Column{
			{Name: "experiment", Type: Text, Required: true},
			{Name: "metric", Type: Text, Required: true},
			{Name: "variant", Type: Text, Required: true},
			{Name: "n", Type: Int, Required: true},
			{Name: "mean", Type: Decimal},
			{Name: "variance", Type: Decimal},
			{Name: "successes", Type: Int},
		},
	},
	{
		Name: "paths", Grain: "one weighted touch path",
		Columns: []Column{
			{Name: "path", Type: Text, Required: true, Doc: "touches in order, separated by ' > '"},
			{Name: "conversions", Type: Int, Required: true},
			{Name: "nulls", Type: Int},
			{Name: "value_minor", Type: Int, Role: Amount},
			{Name: "currency", Type: Text, Role: CurrencyCode},
		},
	},
	{
		Name: "payouts", Grain: "one payment made", Key: []string{"payout_id"}, Unique: true,
		Columns: []Column{
			{Name: "payout_id", Type: Text, Required: true},
			{Name: "partner_id", Type: Text, Required: true},
			{Name: "day", Type: Date, Required: true},
			{Name: "amount_minor", Type: Int, Required: true, Role: Amount},
			{Name: "currency", Type: Text, Role: CurrencyCode},
		},
	},
	{
		Name: "rates", Grain: "one currency pair and day", Key: []string{"day", "from_currency", "to_currency"}, Unique: true,
		Doc: "currency rates in major units: one from_currency is rate to_currency",
		Columns: []Column{
			{Name: "day", Type: Date, Required: true},
			{Name: "from_currency", Type: Text, Required: true, Role: CurrencyCode},
			{Name: "to_currency", Type: Text, Required: true, Role: CurrencyCode},
			{Name: "rate", Type: Decimal, Required: true},
		},
	},
	{
		Name: "targets", Grain: "one target", Key: []string{"metric", "period", "partner_id"}, Unique: true,
		Columns: []Column{
			{Name: "metric", Type: Text, Required: true},
			{Name: "period", Type: Text, Required: true, Doc: "2026-11, 2026-Q4 or 2026"},
			{Name: "partner_id", Type: Text},
			{Name: "value", Type: Decimal, Required: true},
		},
	},
	{
		Name: "identities", Grain: "one alias", Key: []string{"alias"}, Unique: true,
		Columns: []Column{
			{Name: "alias", Type: Text, Required: true},
			{Name: "person_id", Type: Text, Required: true},
		},
	},
	{
		Name: "leads", Grain: "one lead score", Key: []string{"person_id"}, Unique: true,
		Columns: []Column{
			{Name: "person_id", Type: Text, Required: true, Role: Person},
			{Name: "score", Type: Decimal, Required: true},
			{Name: "scored_at", Type: Timestamp},
		},
	},
}
