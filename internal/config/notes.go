package config

import (
	"maps"
	"slices"

	"vouch/cohorts"
	"vouch/internal/schema"
	"vouch/partners/attribution"
	"vouch/referral"
)

// note is what the schema says about a key beyond its type.
type note struct {
	doc      string
	enum     []string
	pattern  string
	required bool
	with     func(object) // further keywords
}

func kinds() []string {
	var out []string
	for _, t := range schema.Inputs() {
		out = append(out, t.Name)
	}
	return out
}

func grains() []string { return []string{"day", "week", "month", "quarter"} }

func units() []string {
	return []string{string(referral.UnitMajor), string(referral.UnitMinor), string(referral.UnitMicros)}
}

// between bounds a number, named restricts the names of a mapping.
func between(low, high any) func(object) {
	return func(o object) {
		o["minimum"] = low
		if high != nil {
			o["maximum"] = high
		}
	}
}

func named(o object) { o["propertyNames"] = object{"pattern": identifier} }

// guardKeys describes the guards by name.
func guardKeys(o object) {
	properties := object{}
	for name, g := range guards {
		properties[name] = object{"type": "number", "description": g.doc}
	}
	o["properties"], o["additionalProperties"] = properties, false
}

// notes describe every key of the file by type and key. A test keeps them complete.
var notes = map[string]note{
	"config.Config.version": {doc: "Version of this file's format.", with: func(o object) { o["const"] = Version }},
	"config.Config.project": {doc: "Name of the programme, shown in reports."},
	"config.Config.timezone": {
		doc:     "IANA name of the reporting zone, in which days, weeks and months begin; default UTC. Stored times are UTC.",
		pattern: `^[A-Za-z]`,
	},
	"config.Config.currency":    {doc: "ISO 4217 code of the reporting currency; default EUR.", enum: slices.Sorted(maps.Keys(referral.Currencies()))},
	"config.Config.week_start":  {doc: "First day of the week; default monday.", enum: slices.Sorted(maps.Keys(weekdays))},
	"config.Config.as_of":       {doc: "Date (its end in the zone) or time until which events are seen; default: the end of the last complete day.", pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}`},
	"config.Config.margin":      {doc: "Contribution per unit of revenue, 0 to 1 with at most six decimals; default 1.", with: between(0, 1)},
	"config.Config.database":    {doc: "Database file; default .vouch/vouch.duckdb."},
	"config.Config.out":         {doc: "Folder of the reports; default out."},
	"config.Config.memory":      {doc: "Memory limit of the database, such as 4GB; default 60 % of the machine.", pattern: memory.String()},
	"config.Config.threads":     {doc: "Threads of the database; default: the machine's cores.", with: between(0, 1024)},
	"config.Config.acquisition": {doc: "What makes a person a customer."},
	"config.Config.signup":      {doc: "Which event opens an account."},
	"config.Config.revenue":     {doc: "Which events carry money."},
	"config.Config.credit":      {doc: "Who is credited with an acquisition: the partner of the latest or of the earliest touch; default last_touch.", enum: []string{"last_touch", "first_touch"}},
	"config.Config.sources":     {doc: "Where the data come from."},
	"config.Config.funnels":     {doc: "Funnels by name.", with: named},
	"config.Config.cohorts":     {doc: "Cohort analyses by name.", with: named},
	"config.Config.attribution": {doc: "Attributions by name.", with: named},
	"config.Config.experiments": {doc: "Experiments by name, as in the exposures.", with: named},
	"config.Config.guards":      {doc: "Limits that end a run with exit code 5 when they are broken.", with: guardKeys},
	"config.Config.mail":        {doc: "Who gets which report. The password comes from VOUCH_SMTP_PASSWORD or the file named by VOUCH_SMTP_PASSWORD_FILE."},
	"config.Config.include":     {doc: "Further files of the project, relative to this one; their sections are added to these."},

	"config.Signup.event":      {doc: "The event that opens an account, for weekly figures and bursts of sign-ups; default signed_up."},
	"config.Acquisition.event": {doc: "The event whose first occurrence makes a customer; default purchase."},
	"config.Revenue.events":    {doc: "Events that earn; default: every event with an amount that is not a refund."},
	"config.Revenue.refunds":   {doc: "Events that take back; default refund, reversal, chargeback."},
	"config.Mail.from":         {doc: "Sender's address."},
	"config.Mail.host":         {doc: "Mail server."},
	"config.Mail.port":         {doc: "Port of the mail server; default 587.", with: between(1, 65535)},
	"config.Mail.user":         {doc: "User name at the mail server."},
	"config.Mail.tls":          {doc: "Encryption; default starttls. none is for a server on this machine only.", enum: []string{"starttls", "tls", "none"}},
	"config.Mail.recipients":   {doc: "Addresses by report name.", with: named},

	"ingest.Source.name":      {doc: "Name of the source, unique in the project.", pattern: identifier, required: true},
	"ingest.Source.kind":      {doc: "The contract table it fills.", enum: kinds(), required: true},
	"ingest.Source.files":     {doc: "A file or glob below the project, or several by alias for sql. ${VAR} is taken from the environment.", required: true},
	"ingest.Source.sql":       {doc: "A SELECT over the aliases of files (or over input for one glob) that joins and derives columns."},
	"ingest.Source.format":    {doc: "File format; default by file name.", enum: []string{"csv", "ndjson", "parquet"}},
	"ingest.Source.map":       {doc: "Contract column to source column; only what differs."},
	"ingest.Source.unit":      {doc: "Unit of amounts; default major, minor for columns whose name ends in _minor.", enum: units()},
	"ingest.Source.time":      {doc: "Format of times as in strftime, or unix, unix_ms, unix_us; default ISO 8601."},
	"ingest.Source.zone":      {doc: "IANA zone of times that name none; default UTC."},
	"ingest.Source.delimiter": {doc: "Field delimiter of CSV files."},
	"ingest.Source.null":      {doc: "Texts that mean no value; the empty field always does."},
	"ingest.Source.reject": {doc: "Share of a file's rows that may be rejected while the others load, or all; default 0.", with: func(o object) {
		delete(o, "type")
		o["anyOf"] = []object{{"type": "number", "minimum": 0, "maximum": 1}, {"const": "all"}}
	}},
	"ingest.Source.optional": {doc: "Whether the files may be absent or without rows; default false."},
	"ingest.Mapped.column":   {doc: "Source column."},
	"ingest.Mapped.const":    {doc: "The same text in every row."},
	"ingest.Mapped.values":   {doc: "Source value to contract value; a value not listed is kept."},
	"ingest.Mapped.unit":     {doc: "Unit of this amount column.", enum: units()},
	"ingest.Mapped.time":     {doc: "Format of this time column."},
	"ingest.Mapped.zone":     {doc: "IANA zone of this time column."},

	"funnel.Definition.steps":         {doc: "The stages in order; a plain name is a step of that name and event.", required: true},
	"funnel.Definition.order":         {doc: "What may lie between steps; default ordered: any other event.", enum: []string{"ordered", "strict", "strict_among_steps", "unordered"}},
	"funnel.Definition.ties":          {doc: "Whether events at the same time count as in order; default any_order.", enum: []string{"any_order", "increasing"}},
	"funnel.Definition.reuse":         {doc: "Whether one event may serve several steps; default false."},
	"funnel.Definition.entry":         {doc: "Which first-step events may start an attempt; default any.", enum: []string{"any", "first"}},
	"funnel.Definition.window":        {doc: "Time from the first step to the last, inclusive; default no limit."},
	"funnel.Definition.windows":       {doc: "Short for the windows of the steps after the first: one each, from the previous required step."},
	"funnel.Definition.unit":          {doc: "What is counted; default person. Another one sorts the events anew by that column.", enum: []string{"person", "referrer_id", "partner_id", "order_id", "referral_code"}},
	"funnel.Definition.late":          {doc: "What becomes of events received at or after the as-of time; default keep.", enum: []string{"keep", "drop"}},
	"funnel.Definition.top":           {doc: "Groups shown before the others are put together; default 10.", with: between(1, 1000)},
	"funnel.Definition.tolerance":     {doc: "How far clocks may disagree; default none."},
	"funnel.Definition.entry_from":    {doc: "Only entrants from this date or time on."},
	"funnel.Definition.entry_to":      {doc: "Only entrants before this date or time."},
	"funnel.Definition.hold_constant": {doc: "Properties that must keep their value along the steps."},
	"funnel.Definition.hold":          {doc: "Short for hold_constant."},
	"funnel.Definition.exclusions":    {doc: "Events that end or spoil an attempt."},
	"funnel.Definition.counting":      {doc: "Whether persons or attempts are counted; default uniques.", enum: []string{"uniques", "totals"}},
	"funnel.Definition.breakdown":     {doc: "Splits the funnel by a property."},
	"funnel.Definition.by":            {doc: "Short for breakdown; a plain name means every value a person carried."},
	"funnel.Definition.trend":         {doc: "Groups entrants by calendar interval; default week; a plain interval is enough."},
	"funnel.Step.name":                {doc: "Name of the step, unique in the funnel."},
	"funnel.Step.event":               {doc: "Event that serves it; default: its name."},
	"funnel.Step.where":               {doc: "Column, prop.NAME, partner.SEGMENT, person.NAME or cohort.PERIOD to the value it must have."},
	"funnel.Step.any_of":              {doc: "Alternatives, each a list of conditions that all hold."},
	"funnel.Step.window":              {doc: "Time from the previous required step, inclusive."},
	"funnel.Step.min_gap":             {doc: "Least time from the previous required step."},
	"funnel.Step.optional":            {doc: "Whether the step may be left out; default false."},
	"funnel.Step.first_ever":          {doc: "Whether only a person's first matching event counts; default false."},
	"funnel.Condition.field":          {doc: "event, a column, prop.NAME, partner.SEGMENT, person.NAME or cohort.PERIOD."},
	"funnel.Condition.op":             {doc: "Comparison.", enum: []string{"=", "!=", "<=", ">=", "contains", "is_null", "not_null"}},
	"funnel.Condition.value":          {doc: "What it is compared with."},
	"funnel.Exclusion.event":          {doc: "Event that excludes."},
	"funnel.Exclusion.any_of":         {doc: "Alternatives, each a list of conditions that all hold."},
	"funnel.Exclusion.from":           {doc: "Step after which it counts, from 0.", with: between(0, nil)},
	"funnel.Exclusion.to":             {doc: "Step before which it counts, from 0.", with: between(0, nil)},
	"funnel.Exclusion.policy":         {doc: "What it does; default end_attempt.", enum: []string{"end_attempt", "reset", "drop_user"}},
	"funnel.Breakdown.property":       {doc: "partner_id, channel or another column, prop.NAME, partner.tier and other segments, person.NAME, cohort.month or acquired.month."},
	"funnel.Breakdown.attribution":    {doc: "Which of a person's values counts.", enum: []string{"first_touch", "last_touch", "all", "step"}},
	"funnel.Breakdown.step":           {doc: "The step whose value counts, from 1, for attribution step.", with: between(1, nil)},
	"funnel.Trend.interval":           {doc: "Calendar interval of entry.", enum: []string{"hour", "day", "week", "month"}},
	"funnel.Trend.timezone":           {doc: "IANA zone; default that of the project."},

	"cohorts.Definition.by":       {doc: "Period of acquisition that makes a cohort; default month.", enum: grains()},
	"cohorts.Definition.age":      {doc: "Unit of age; default that of by.", enum: grains()},
	"cohorts.Definition.horizon":  {doc: "Last age shown; default 12.", with: between(0, nil)},
	"cohorts.Definition.group":    {doc: "Splits cohorts by a trait of the credited partner, or by channel or campaign.", enum: cohorts.Groups()},
	"cohorts.Definition.activity": {doc: "Events that count as being retained; default the acquisition event."},

	"attribution.Definition.conversion": {doc: "The event that is credited.", required: true},
	"attribution.Definition.touches":    {doc: "Events that earn credit.", required: true},
	"attribution.Definition.window":     {doc: "How far back touches count, inclusive; default no limit."},
	"attribution.Definition.model":      {doc: "How credit is given; default all models.", enum: attribution.Models()},
	"attribution.Definition.by":         {doc: "Who is credited; default partner_id.", enum: attribution.Keys()},

	"experiments.Definition.unit":    {doc: "What was randomised: person (default), referrer, partner, or attribute.NAME for the persons that share a value.", pattern: `^(person|referrer|partner|attribute\..+)$`},
	"experiments.Definition.control": {doc: "The variant the others are compared with."},
	"experiments.Definition.weights": {doc: "Planned shares of the variants, as relative numbers."},
	"experiments.Definition.window":  {doc: "How long after exposure outcomes count."},
	"experiments.Definition.metrics": {doc: "Outcomes per randomised unit.", required: true},
	"experiments.Definition.confidence": {doc: "Level of intervals, between 0 and 1; default 0.95.", with: func(o object) {
		o["exclusiveMinimum"], o["exclusiveMaximum"] = 0, 1
	}},
	"experiments.Definition.rewards":      {doc: "Cost of one reward by variant, in minor units of the project's currency."},
	"experiments.Definition.costs":        {doc: "What a variant costs beside its rewards, by variant."},
	"experiments.Definition.factors":      {doc: "By variant, the level of each side of a both-sided incentive. Every combination of levels is a variant."},
	"experiments.Definition.strata":       {doc: "Splits the units: stratum (of the exposures) or attribute.NAME.", pattern: `^(stratum|attribute\..+)$`},
	"experiments.Definition.cuped":        {doc: "Adjusts by the same metric before the first exposure."},
	"experiments.Definition.stopping":     {doc: "Under which rule looks before the end are allowed."},
	"experiments.Definition.multiplicity": {doc: "Corrections for many questions."},
	"experiments.Definition.decide":       {doc: "Limits of the verdict."},
	"experiments.Definition.source":       {doc: "Where the arms come from; default exposures.", enum: []string{"exposures", "summary"}},

	"experiments.Cost.per_unit":  {doc: "Cost of every unit that is exposed, in minor units of the project's currency.", with: between(0, nil)},
	"experiments.Cost.fixed":     {doc: "Cost of the variant, once, in minor units of the project's currency.", with: between(0, nil)},
	"experiments.Cuped.before":   {doc: "Length of the period before the first exposure; default no adjustment."},
	"experiments.Stopping.rule":  {doc: "Rule of looks; default fixed: one look, at the end.", enum: []string{"fixed", "group_sequential", "always_valid", "msprt"}},
	"experiments.Stopping.units": {doc: "Mature units over all arms at which the experiment ends.", with: between(0, nil)},
	"experiments.Stopping.looks": {doc: "Planned shares of the units at which a group-sequential test is read, rising to 1, or a number of equally spaced looks."},
	"experiments.Stopping.spending": {doc: "How the error rate is spent over the looks; default obrien_fleming.", enum: []string{
		"obrien_fleming", "pocock", "kim_demets", "hwang_shih_decani",
	}},
	"experiments.Stopping.parameter": {doc: "Power of kim_demets, or parameter of hwang_shih_decani.", with: between(-50, 50)},
	"experiments.Multiplicity.primary": {doc: "Correction over arms and primary metrics; default holm.", enum: []string{
		"holm", "hochberg", "hommel", "sidak", "bonferroni", "dunnett", "none",
	}},
	"experiments.Multiplicity.secondary": {doc: "Correction over arms and secondary metrics; default bh.", enum: []string{
		"bh", "by", "holm", "hochberg", "hommel", "sidak", "bonferroni", "none",
	}},
	"experiments.Thresholds.srm":         {doc: "p-value of the split below which the experiment is invalid; default 0.001.", with: between(0, 1)},
	"experiments.Thresholds.mixed_share": {doc: "Share of units in two variants above which the experiment is invalid; default 0.05.", with: between(0, 1)},
	"experiments.Thresholds.max_loss":    {doc: "Largest probability of losing money at which a variant ships; default no limit.", with: between(0, 1)},

	"experiments.Metric.name":            {doc: "Name of the metric."},
	"experiments.Metric.kind":            {doc: "Share of units with the event, mean per unit, ratio of two sums, time to the first event, or quantile.", enum: []string{"proportion", "mean", "ratio", "time_to_event", "quantile"}},
	"experiments.Metric.event":           {doc: "The outcome event."},
	"experiments.Metric.where":           {doc: "Column or prop.NAME to the value it must have."},
	"experiments.Metric.value":           {doc: "What a mean, a numerator or a quantile adds up; default amount.", enum: []string{"amount", "count"}},
	"experiments.Metric.per":             {doc: "Denominator of a ratio."},
	"experiments.Metric.quantile":        {doc: "Share of units below the quantile, over units with the event.", with: between(0, 1)},
	"experiments.Metric.window":          {doc: "How long after exposure its outcomes count; default that of the experiment."},
	"experiments.Metric.cap":             {doc: "Limit of a unit's value, the same in all variants."},
	"experiments.Metric.margin":          {doc: "Loss that a guardrail tolerates; default none: it must not be worse."},
	"experiments.Metric.lower_is_better": {doc: "Whether a decrease is an improvement, of a time_to_event whether sooner is; default false."},
	"experiments.Metric.role":            {doc: "What the metric decides.", enum: []string{"primary", "secondary", "guardrail"}},
	"experiments.Part.event":             {doc: "The event of the denominator."},
	"experiments.Part.where":             {doc: "Column or prop.NAME to the value it must have."},
	"experiments.Part.value":             {doc: "What the denominator adds up; default count.", enum: []string{"amount", "count"}},
	"experiments.Cap.at":                 {doc: "The limit, in minor units or events.", with: between(1, nil)},
	"experiments.Cap.quantile":           {doc: "The quantile of all units with a closed window at which the limit lies.", with: between(0, 1)},
	"experiments.Margin.absolute":        {doc: "The loss in the metric's unit.", with: between(0, nil)},
	"experiments.Margin.relative":        {doc: "The loss as a share of the control's mean.", with: between(0, nil)},
}
