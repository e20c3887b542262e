package ingesttest_test

import (
	"testing"

	"vouch/internal/engine"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
)

func TestLoad_eventsToFacts(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv": `event_id,person_id,event,occurred_at,referrer_id,partner_id,amount_minor,currency,campaign_note
e1,ann,invite_sent,2026-01-01T10:00:00Z,bob,acme,,,x
e2,ann,purchase,2026-01-02T10:00:00Z,,acme,1999,EUR,
e3,ann,refund,2026-01-03T10:00:00+02:00,,acme,500,EUR,
e4,cid,purchase,2026-01-03,,,1000,USD,
`,
		"partners.csv":  "partner_id,name,archetype\nacme,Acme,reseller\n",
		"costs.csv":     "partner_id,day,kind,amount_minor\nacme,2026-01-01,commission,100\n",
		"rates.csv":     "day,from_currency,to_currency,rate\n2026-01-01,USD,EUR,0.9\n",
		"exposures.csv": "experiment,unit_id,variant,exposed_at\nreward,bob,ten,2026-01-01T00:00:00Z\n",
		"persons.csv":   "person_id,plan\nann,pro\n",
	})
	var n, value int64
	st := sqltext.Raw("t", "SELECT count(*), sum(value_minor)::BIGINT FROM event_facts")
	if err := engine.One(t.Context(), db, st, &n, &value); err != nil {
		t.Fatal(err)
	}
	if n != 4 || value != 1999-500+900 {
		t.Fatalf("%d events worth %d", n, value)
	}
}
