package ingest

import (
	"testing"
	"time"

	"vouch/internal/publicdata"
	"vouch/referral"
)

// publicSet opens a project over one folder of the public data sets, or skips the test.
func publicSet(t *testing.T, name, currency string, sources ...Source) *project {
	t.Helper()
	dir := publicdata.Dir(t, name)
	p := &project{t: t, plan: Plan{
		Root: t.TempDir(), Sources: sources, Getenv: func(string) string { return dir },
		Scope: referral.Scope{Calendar: referral.Calendar{Zone: time.UTC}, Currency: currency, Acquisition: "purchase"},
	}}
	dirs, err := Dirs(p.plan)
	if err != nil {
		t.Fatal(err)
	}
	p.db = memory(t, dirs...)
	return p
}

func in(name string) string { return "${SET}/" + name + ".csv.gz" }

// The figures in these tests are those of the data sets' own descriptions.

func TestPublic_cdnow(t *testing.T) {
	p := publicSet(t, "cdnow", "USD", Source{
		Name: "cdnow", Kind: "events", Files: Files{Glob: in("cdnow_master")},
		Map: map[string]Mapped{"person_id": {Column: "customer_id"}, "event": {Const: text1("purchase")}, "occurred_at": {Column: "date"}, "amount_minor": {Column: "dollars"}},
	})
	p.mustLoad()
	p.expect("SELECT count(*), count(DISTINCT person_id), sum(amount_minor), sum(CAST(json_extract_string(properties, '$.units') AS INTEGER)) FROM events", "69659|23570|250031563|167881")
	p.expect("SELECT strftime(acquired_day, '%Y-%m') AS month, count(*) FROM persons GROUP BY month ORDER BY month", "1997-01|7846", "1997-02|8476", "1997-03|7248")
	p.expect("SELECT count(*) FROM event_excluded", "0")
}

func TestPublic_takehomeReferral(t *testing.T) {
	p := publicSet(t, "takehome-referral", "USD", Source{
		Name: "purchases", Kind: "events", Files: Files{Glob: in("referral")},
		Map: map[string]Mapped{
			"person_id": {Column: "user_id"}, "event": {Const: text1("purchase")}, "occurred_at": {Column: "date"}, "amount_minor": {Column: "money_spent"},
			"channel": {Column: "is_referral", Values: map[string]string{"1": "referral", "0": "organic"}},
		},
	})
	p.mustLoad()
	p.expect("SELECT count(*), count(DISTINCT person_id), sum(amount_minor), count(DISTINCT json_extract_string(properties, '$.device_id')) FROM events", "97341|18809|435039900|17887")
	p.expect("SELECT day >= DATE '2015-10-31' AS after, count(*), sum(value_minor), count(*) FILTER (WHERE channel = 'referral') FROM events GROUP BY after ORDER BY after",
		"false|47341|200639600|0", "true|50000|234400300|28017")
	p.expect("SELECT day, count(*) FROM events WHERE day IN (DATE '2015-10-31', DATE '2015-11-01') GROUP BY day ORDER BY day", "2015-10-31T00:00:00|3233", "2015-11-01T00:00:00|3162")
}

func TestPublic_retentioneering(t *testing.T) {
	p := publicSet(t, "retentioneering-ecom", "EUR", Source{
		Name: "ecom", Kind: "events", Files: Files{Glob: in("ecom")},
		Map: map[string]Mapped{"person_id": {Column: "user_id"}, "occurred_at": {Column: "timestamp"}, "channel": {Column: "acquisition_channel"}},
	})
	p.mustLoad()
	p.expect("SELECT count(*), count(DISTINCT person_id), count(DISTINCT event), count(DISTINCT json_extract_string(properties, '$.session_id')) FROM events", "31106|600|19|3605")
	p.expect("SELECT event, count(DISTINCT person_id) FROM events WHERE event IN ('catalog', 'product_view', 'add_to_cart', 'cart', 'purchase') GROUP BY event ORDER BY event",
		"add_to_cart|522", "cart|489", "catalog|600", "product_view|598", "purchase|328")
}

func TestPublic_olist(t *testing.T) {
	p := publicSet(t, "olist-lead-funnel", "BRL",
		Source{
			Name: "leads", Kind: "events", Files: Files{Glob: in("marketing_qualified_leads")},
			Map: map[string]Mapped{"person_id": {Column: "mql_id"}, "event": {Const: text1("lead")}, "occurred_at": {Column: "first_contact_date"}, "channel": {Column: "origin"}},
		},
		Source{
			Name: "deals", Kind: "events", Files: Files{Named: map[string]string{"won": in("closed_deals"), "leads": in("marketing_qualified_leads")}},
			SQL: "SELECT won.mql_id AS person_id, 'won' AS event, won.won_date AS occurred_at, won.declared_monthly_revenue AS amount, won.sdr_id AS partner_id, leads.origin AS channel FROM won JOIN leads ON leads.mql_id = won.mql_id",
			Map: map[string]Mapped{"amount_minor": {Column: "amount"}},
		})
	p.plan.Scope.Acquisition = "won"
	p.mustLoad()
	p.expect("SELECT event, count(*), count(DISTINCT person_id) FROM events GROUP BY event ORDER BY event", "lead|8000|8000", "won|842|842")
	p.expect("SELECT channel, count(*) FILTER (WHERE event = 'lead') AS leads, count(*) FILTER (WHERE event = 'won') FROM events GROUP BY channel ORDER BY leads DESC",
		"organic_search|2296|271", "paid_search|1586|195", "social|1350|75", "unknown|1099|179", "direct_traffic|499|56", "email|493|15", "referral|284|24",
		"other|150|4", "display|118|6", "other_publicities|65|3", "∅|60|14")
	p.expect("SELECT count(*) FROM persons WHERE acquired_at = first_seen", "1") // the deal dated before its first contact
}

func TestPublic_landingPage(t *testing.T) {
	p := publicSet(t, "ab-landing-page", "USD",
		Source{
			Name: "exposures", Kind: "exposures", Files: Files{Named: map[string]string{"ab": in("ab_data"), "countries": in("countries")}},
			SQL: `SELECT 'landing' AS experiment, ab.user_id AS unit_id, ab."group" AS variant, ab.timestamp AS exposed_at, countries.country AS stratum
FROM ab JOIN countries ON countries.user_id = ab.user_id
WHERE (ab."group" = 'treatment') = (ab.landing_page = 'new_page')`,
		},
		Source{
			Name: "conversions", Kind: "events", Files: Files{Glob: in("ab_data")},
			SQL: `SELECT user_id AS person_id, 'convert' AS event, timestamp AS occurred_at, "group" AS channel, landing_page,
  CASE WHEN ("group" = 'treatment') = (landing_page = 'new_page') THEN 'kept' ELSE 'mismatch' END AS status FROM input WHERE converted = '1'`,
		})
	p.mustLoad()
	p.expect("SELECT count(*) FROM events", "35237")
	p.expect("SELECT count(*), count(DISTINCT unit_id) FROM exposures", "290585|290584") // 294,478 less 3,893 mismatches
	p.expect("SELECT variant, count(DISTINCT unit_id) FROM exposures GROUP BY variant ORDER BY variant", "control|145274", "treatment|145310")
	p.expect("SELECT channel, count(DISTINCT person_id) FROM events WHERE status = 'kept' GROUP BY channel ORDER BY channel", "control|17489", "treatment|17264")
}

func TestPublic_adGroups(t *testing.T) {
	date := Mapped{Column: "date", Time: "%m/%d/%y"}
	p := publicSet(t, "ad-groups", "USD",
		Source{
			Name: "days", Kind: "aggregates", Files: Files{Glob: in("ad_table")},
			Map: map[string]Mapped{
				"partner_id": {Column: "ad"}, "day": date, "impressions": {Column: "shown"}, "clicks": {Column: "clicked"},
				"conversions": {Column: "converted"}, "revenue_minor": {Column: "total_revenue"},
			},
		},
		Source{
			Name: "spend", Kind: "costs", Files: Files{Glob: in("ad_table")},
			SQL: "SELECT ad AS partner_id, date, 'fixed' AS kind, CAST(clicked AS BIGINT) * CAST(avg_cost_per_click AS DECIMAL(9,2)) AS cost FROM input",
			Map: map[string]Mapped{"day": date, "amount_minor": {Column: "cost"}},
		})
	r := p.mustLoad()
	p.expect("SELECT count(*), sum(impressions), sum(clicks), sum(conversions), sum(revenue_minor), sum(value_minor), count(*) FILTER (WHERE revenue_minor < 0) FROM aggregates",
		"2115|144454171|6463603|267450|415918470|415918470|4")
	p.expect("SELECT count(*), sum(amount_minor), count(*) FILTER (WHERE amount_minor = 0) FROM costs", "2115|1198876764|20")
	p.expect("SELECT count(*) FROM partner_keys", "40")
	if s := r.Sources[0]; len(s.Unknown) != 2 { // the row number and the cost per click
		t.Errorf("unknown %v", s.Unknown)
	}
}

func TestPublic_gym(t *testing.T) {
	p := publicSet(t, "gym-referral-program", "IDR",
		Source{
			// Three referrals have no referee yet; the referral itself stands for the person.
			Name: "referrals", Kind: "events", Files: Files{Glob: in("user_referrals")},
			SQL: `SELECT referral_id AS event_id, coalesce(referee_id, 'referral-' || referral_id) AS person_id, 'referred' AS event, referral_at AS occurred_at,
  updated_at AS received_at, referral_source AS channel, transaction_id AS order_id, user_referral_status_id AS status, referrer_id FROM input`,
			Map: map[string]Mapped{"status": {Values: map[string]string{"1": "waiting", "2": "successful", "3": "failed"}}},
		},
		// Most log rows are of referrals that are not among the 46.
		Source{
			Name: "history", Kind: "events", Files: Files{Named: map[string]string{"logs": in("user_referral_logs"), "referrals": in("user_referrals")}},
			SQL: `SELECT 'log-' || logs.id AS event_id, coalesce(r.referee_id, 'referral-' || logs.user_referral_id) AS person_id, CASE WHEN logs.is_reward_granted = 'TRUE' THEN 'reward_granted' ELSE 'status_logged' END AS event,
  logs.created_at AS occurred_at, r.referrer_id
FROM logs LEFT JOIN referrals AS r ON r.referral_id = logs.user_referral_id`,
		},
		Source{
			Name: "payments", Kind: "events", Files: Files{Named: map[string]string{"paid": in("paid_transactions"), "referrals": in("user_referrals")}},
			SQL: `SELECT paid.transaction_id AS event_id, coalesce(r.referee_id, 'transaction-' || paid.transaction_id) AS person_id, 'purchase' AS event,
  paid.transaction_at AS occurred_at, paid.transaction_id AS order_id, lower(paid.transaction_status) AS status
FROM paid LEFT JOIN referrals AS r ON r.transaction_id = paid.transaction_id`,
		})
	p.plan.Scope.Calendar.Zone = zoneOf(t, "Asia/Jakarta")
	p.mustLoad()
	p.expect("SELECT source, count(*) FROM events_all GROUP BY source ORDER BY source", "history|96", "payments|14", "referrals|46")
	p.expect("SELECT status, count(*) FROM events_all WHERE source = 'referrals' GROUP BY status ORDER BY status", "failed|9", "successful|8", "waiting|29")
	p.expect("SELECT channel, count(*) FROM events_all WHERE source = 'referrals' GROUP BY channel ORDER BY channel", "Draft Transaction|27", "Lead|11", "User Sign Up|8")
	p.expect("SELECT count(*) FROM events_all WHERE event = 'reward_granted'", "17")
	p.expect("SELECT count(*), count(DISTINCT event_id) FROM events_all WHERE source = 'referrals'", "46|46")
	p.expect("SELECT count(*) FROM events_all WHERE source = 'referrals' AND referrer_id IS NULL", "13") // awk -F, 'NR>1 && $6==""'
}
