package ingest

import (
	"strings"
	"testing"
	"time"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestDuplicates_latestReceivedWins(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": `event_id,person_id,event,occurred_at,received_at,amount_minor
e1,ann,purchase,2026-01-01,2026-01-03,300
e1,ann,purchase,2026-01-01,2026-01-05,500
e1,ann,purchase,2026-01-01,2026-01-04,400
e2,bob,purchase,2026-01-01,2026-01-03,1
e2,bob,purchase,2026-01-01,2026-01-03,2
`}, csvSource("events"))
	r := p.mustLoad()
	p.expect("SELECT event_id, amount_minor FROM events ORDER BY event_id", "e1|500", "e2|2")
	p.expect("SELECT event_id, amount_minor, reason FROM events_all ORDER BY event_id, amount_minor", "e1|300|duplicate", "e1|400|duplicate", "e1|500|∅", "e2|1|duplicate", "e2|2|∅")
	if s := r.Sources[0]; s.Duplicates != 3 || s.Accepted != 2 || s.Rows != 5 || r.Excluded["duplicate"] != 3 {
		t.Errorf("report %+v", s)
	}
	p.expect("SELECT rows, accepted, duplicates, rejected FROM load_manifest", "5|2|3|0")
}

// The id is of its source: two sources may use the same one. A later file supersedes an earlier one.
func TestDuplicates_acrossFilesAndSources(t *testing.T) {
	a := Source{Name: "a", Kind: "events", Files: Files{Glob: "a*.csv"}}
	b := Source{Name: "b", Kind: "events", Files: Files{Glob: "b.csv"}}
	p := newProject(t, map[string]string{
		"a1.csv": events("e1,ann,purchase,2026-01-01,100,EUR"),
		"b.csv":  events("e1,bob,purchase,2026-01-01,200,EUR"),
	}, a, b)
	p.mustLoad()
	p.write(map[string]string{"a2.csv": events("e1,ann,purchase,2026-01-01,101,EUR")})
	r := p.mustLoad()
	p.expect("SELECT source, amount_minor FROM events ORDER BY source", "a|101", "b|200")
	if s := r.Sources[0]; s.Duplicates != 1 || s.Accepted != 1 || s.Rows != 1 {
		t.Errorf("report of a %+v", s)
	}
	p.expect("SELECT file, accepted, duplicates FROM load_manifest ORDER BY file", "a1.csv|0|1", "a2.csv|1|0", "b.csv|1|0")
}

// Equally late rows: the one loaded last wins, also when rows come back from earlier loads.
func TestDuplicates_tiesAcrossLoads(t *testing.T) {
	glob := Source{Name: "events", Kind: "events", Files: Files{Glob: "*.csv"}}
	one := events("e1,ann,purchase,2026-01-01,100,EUR", "e1,ann,purchase,2026-01-01,101,EUR", "e1,ann,purchase,2026-01-01,102,EUR", "e2,zoe,purchase,2026-01-01,7,EUR", "e2,ann,purchase,2026-01-01,8,EUR")
	p := newProject(t, map[string]string{"1.csv": one}, glob)
	p.mustLoad()
	p.expect("SELECT event_id, amount_minor FROM events ORDER BY event_id", "e1|102", "e2|8")
	p.write(map[string]string{"2.csv": events("e1,ann,purchase,2026-01-01,90,EUR")})
	p.mustLoad()
	p.expect("SELECT event_id, amount_minor FROM events ORDER BY event_id", "e1|90", "e2|8")
	p.write(map[string]string{"2.csv": events("e9,ann,purchase,2026-01-01,9,EUR")})
	p.mustLoad()
	p.expect("SELECT event_id, amount_minor FROM events ORDER BY event_id", "e1|102", "e2|8", "e9|9")
	p.write(map[string]string{"3.csv": events("e8,ann,purchase,2026-01-01,8,EUR")})
	p.mustLoad()
	p.expect("SELECT event_id, amount_minor FROM events_all ORDER BY event_id, amount_minor", "e1|100", "e1|101", "e1|102", "e2|7", "e2|8", "e8|8", "e9|9")
	p.expect("SELECT amount_minor FROM event_excluded ORDER BY rowid", "100", "101", "7")
}

// Without ids, equal rows of one file are separate events; the same row in another file is not new.
func TestDuplicates_rowsWithoutAnID(t *testing.T) {
	glob := Source{Name: "events", Kind: "events", Files: Files{Glob: "*.csv"}}
	head := "person_id,event,occurred_at,note\n"
	p := newProject(t, map[string]string{"1.csv": head + "ann,used,2026-01-01,x\nann,used,2026-01-01,x\nann,used,2026-01-01,y\n"}, glob)
	p.mustLoad()
	p.expect("SELECT count(*), count(DISTINCT event_id) FROM events", "3|3")
	p.write(map[string]string{"2.csv": head + "ann,used,2026-01-01,x\nann,used,2026-01-01,x\nann,used,2026-01-02,x\n"})
	r := p.mustLoad()
	p.expect("SELECT count(*) FROM events", "4")
	if s := r.Sources[0]; s.Duplicates != 2 || s.Accepted != 3 {
		t.Errorf("report %+v", s)
	}
	p.expect("SELECT count(*) FROM events WHERE event_id LIKE '%-2'", "1")
}

// Values must not run into each other, and absent is not empty.
func TestRowHash_tellsRowsApart(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": "person_id,event,occurred_at,channel,campaign,note\n" +
		"ann,used,2026-01-01,ab,c,\nann,used,2026-01-01,a,bc,\nann,used,2026-01-01,abc,,\nann,used,2026-01-01,,abc,\nann,used,2026-01-01,,,abc\n"}, csvSource("events"))
	p.mustLoad()
	p.expect("SELECT count(DISTINCT event_id), count(*) FILTER (WHERE event_id LIKE '%-%') FROM events", "5|0")
}

func TestIdentities_chainsAreFollowed(t *testing.T) {
	p := newProject(t, map[string]string{
		"events.csv":     "event_id,person_id,event,occurred_at,referrer_id\ne1,cookie1,invite_clicked,2026-01-01,device9\ne2,ann,purchase,2026-01-02,\ne3,cookie2,used,2026-01-03,\n",
		"identities.csv": "alias,person_id\ncookie1,cookie2\ncookie2,ann\ndevice9,bob\nann,ann\n",
		"leads.csv":      "person_id,score\ncookie1,0.5\n",
		"persons.csv":    "person_id,plan\ncookie1,free\nann,pro\n",
	}, csvSource("events"), csvSource("identities"), csvSource("leads"), csvSource("persons"))
	p.mustLoad()
	p.expect("SELECT event_id, person_id, referrer_id FROM events ORDER BY event_id", "e1|ann|bob", "e2|ann|∅", "e3|ann|∅")
	p.expect(`SELECT person_key, person_id, first_seen, referrer_key, attributes FROM persons ORDER BY person_key`,
		`0|ann|2026-01-01T00:00:00|1|{"plan":"pro"}`, "1|bob|∅|∅|∅")
	p.expect("SELECT person_id FROM leads", "ann")
}

func TestIdentities_laterAliasJoinsPersons(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": "event_id,person_id,event,occurred_at\ne1,cookie,invite_clicked,2026-01-01\ne2,ann,purchase,2026-01-02\n"}, csvSource("events"))
	p.mustLoad()
	p.expect("SELECT count(*) FROM persons", "2")
	p.write(map[string]string{"identities.csv": "alias,person_id\ncookie,ann\n"})
	p.plan.Sources = append(p.plan.Sources, csvSource("identities"))
	p.mustLoad()
	p.expect("SELECT person_id, first_seen FROM persons", "ann|2026-01-01T00:00:00")
}

// The ids sources used are kept: an alias that goes away parts what it joined.
func TestIdentities_removedAliasParts(t *testing.T) {
	p := newProject(t, map[string]string{
		"events.csv":     "event_id,person_id,event,occurred_at,referrer_id\ne1,cookie,invite_clicked,2026-01-01,device\ne2,ann,purchase,2026-01-02,\n",
		"identities.csv": "alias,person_id\ncookie,ann\ndevice,bob\n",
	}, csvSource("events"), csvSource("identities"))
	p.mustLoad()
	p.expect("SELECT person_id, referrer_id FROM events ORDER BY event_id", "ann|bob", "ann|∅")
	p.write(map[string]string{"identities.csv": "alias,person_id\ndevice,bob\n"})
	p.mustLoad()
	p.expect("SELECT person_id, referrer_id FROM events ORDER BY event_id", "cookie|bob", "ann|∅")
	p.expect("SELECT person_id FROM persons ORDER BY person_key", "ann", "bob", "cookie")
}

// Self-referral is judged after identities; bots by flag or user agent; each is counted and kept.
func TestExclusions(t *testing.T) {
	p := newProject(t, map[string]string{
		"events.csv": `event_id,person_id,event,occurred_at,referrer_id,user_agent
e1,ann,invite_clicked,2026-01-01,ann2,Mozilla/5.0
e2,ann,purchase,2026-01-02,,
e3,bob,purchase,2026-01-02,ann,Mozilla/5.0
e4,crawl,invite_clicked,2026-01-02,,GoogleBot/2.1
e5,crawl,used,2026-01-03,,
e6,staff,purchase,2026-01-03,staff,
e7,robo,used,2026-01-03,,
e7,robo,used,2026-01-03,,
e8,talbot,used,2026-01-03,,plain
`,
		"identities.csv": "alias,person_id\nann2,ann\n",
		"persons.csv":    "person_id,flags\nstaff,internal\nrobo,bot\nbob,vip\n",
	}, csvSource("events"), csvSource("identities"), csvSource("persons"))
	r := p.mustLoad()
	p.expect("SELECT event_id FROM events ORDER BY event_id", "e3", "e8")
	p.expect("SELECT event_id, reason FROM events_all WHERE reason IS NOT NULL ORDER BY event_id, reason",
		"e1|self_referral", "e2|self_referral", "e4|bot", "e5|bot", "e6|internal", "e7|bot", "e7|duplicate")
	p.expect("SELECT person_id, flags, acquired_at, referrer_key FROM persons WHERE person_id <> 'talbot' ORDER BY person_id",
		"ann|self_referral|∅|∅", "bob|vip|2026-01-02T00:00:00|0", "crawl|bot|∅|∅", "robo|bot|∅|∅", "staff|internal,self_referral|∅|∅")
	p.expect("SELECT first_seen FROM persons WHERE person_id = 'ann'", "2026-01-01T00:00:00")
	if r.Excluded["self_referral"] != 2 || r.Excluded["bot"] != 3 || r.Excluded["internal"] != 1 || r.Excluded["duplicate"] != 1 {
		t.Errorf("excluded %v", r.Excluded)
	}
	p.expect("SELECT event, rows FROM event_names ORDER BY event", "invite_clicked|0", "purchase|1", "used|1")
}

func TestReferrer_earliestEventThatHasOne(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": `event_id,person_id,event,occurred_at,referrer_id
b,ann,used,2026-01-02,zoe
a,ann,used,2026-01-02,yan
c,ann,used,2026-01-03,xia
d,ann,used,2026-01-01,
`}, csvSource("events"))
	p.mustLoad()
	p.expect("SELECT r.person_id FROM persons p JOIN persons r ON r.person_key = p.referrer_key WHERE p.person_id = 'ann'", "yan")
}

// The bucket is that of the cluster: the first 32 bits of md5, modulo 64.
func TestBucket(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": "event_id,person_id,event,occurred_at\ne1,ann,used,2026-01-01\ne2,bob,used,2026-01-01\n"}, csvSource("events"))
	p.mustLoad()
	// python3: int(hashlib.md5(b'ann').hexdigest()[:8], 16) % 64 = 10, b'bob' = 60
	p.expect("SELECT person_id, bucket FROM events ORDER BY person_id", "ann|10", "bob|60")
}

func TestQuarantine_toleratedRowsAreSetAside(t *testing.T) {
	src := csvSource("events")
	src.Reject.Text = "0.5"
	text := events("e1,ann,purchase,2026-01-01,100,EUR", "e2,,purchase,never,100,EUR", "e3,bob,purchase,2026-01-01,1,EUR", "e4,ann,purchase,2026-01-01,2,EUR")
	p := newProject(t, map[string]string{"events.csv": text}, src)
	r := p.mustLoad()
	if s := r.Sources[0]; s.Rejected != 1 || s.Accepted != 3 || len(s.Rejects) != 2 || s.Findings[0].Code != "rows-rejected" {
		t.Errorf("report %+v", s)
	}
	p.expect("SELECT source, file, row, column_name, code, raw FROM quarantine ORDER BY column_name",
		"events|events.csv|2|occurred_at|time|never", "events|events.csv|2|person_id|required|∅")
	p.expect("SELECT event_id FROM events ORDER BY event_id", "e1", "e3", "e4")
	p.expect("SELECT rows, accepted, duplicates, rejected FROM load_manifest", "4|3|0|1")

	// Beyond the share, the load is refused; a corrected file empties the quarantine.
	p.write(map[string]string{"events.csv": events("e1,ann,purchase,never,100,EUR", "e2,,purchase,never,100,EUR", "e3,bob,purchase,2026-01-01,1,EUR")})
	if got := p.refusal(); got.Total != 3 {
		t.Errorf("refused for %d problems", got.Total)
	}
	p.write(map[string]string{"events.csv": strings.ReplaceAll(text, ",,purchase,never", ",cy,purchase,2026-01-09")})
	p.mustLoad()
	p.expect("SELECT count(*) FROM quarantine", "0")
	p.expect("SELECT count(*) FROM events", "4")
}

func TestQuarantine_repeatedKeysOfAnotherFile(t *testing.T) {
	src := Source{Name: "partners", Kind: "partners", Files: Files{Glob: "p*.csv"}, Reject: Tolerance{"all"}}
	p := newProject(t, map[string]string{"p1.csv": "partner_id,name\nacme,A\n", "p2.csv": "partner_id,name\nbeta,B\nacme,C\n"}, src)
	p.mustLoad()
	p.expect("SELECT partner_id, name FROM partners ORDER BY partner_id", "acme|A", "beta|B")
	p.expect("SELECT file, row, code, raw FROM quarantine", "p2.csv|2|duplicate_key|acme")
	p.expect("SELECT partner_id FROM partner_keys ORDER BY partner_key", "acme", "beta")
}

// Parts of a key may be absent: one target for the programme, one for a partner.
func TestKeys_absentPartsAreEqual(t *testing.T) {
	head := "metric,period,partner_id,value\n"
	p := newProject(t, map[string]string{"targets.csv": head + "cpa,2026-11,,50\ncpa,2026-11,acme,40\n"}, csvSource("targets"))
	p.mustLoad()
	p.expect("SELECT partner_id, value FROM targets ORDER BY partner_id NULLS FIRST", "∅|50", "acme|40")
	p.write(map[string]string{"targets.csv": head + "cpa,2026-11,,50\ncpa,2026-11,,60\n"})
	checkRejection(t, p.refusal().Problems[0], Rejection{Row: 2, Code: CodeDuplicate})
}
