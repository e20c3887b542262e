package experiments

import (
	"cmp"
	"strings"
)

// Units, kinds, values, roles, sources and rules a definition may name.
const (
	UnitPerson   = "person"
	UnitReferrer = "referrer"
	UnitPartner  = "partner"
	// attributePrefix begins the name of a person attribute, as a unit or as strata.
	attributePrefix = "attribute."

	KindProportion  = "proportion"
	KindMean        = "mean"
	KindRatio       = "ratio"
	KindTimeToEvent = "time_to_event"
	KindQuantile    = "quantile"

	ValueAmount = "amount"
	ValueCount  = "count"

	RolePrimary   = "primary"
	RoleSecondary = "secondary"
	RoleGuardrail = "guardrail"

	SourceExposures = "exposures"
	SourceSummary   = "summary"

	// StrataExposure takes the stratum that the exposures name.
	StrataExposure = "stratum"

	RuleFixed           = "fixed"
	RuleGroupSequential = "group_sequential"
	RuleAlwaysValid     = "always_valid"
	RuleMSPRT           = "msprt"

	SpendingOBrienFleming   = "obrien_fleming"
	SpendingPocock          = "pocock"
	SpendingKimDeMets       = "kim_demets"
	SpendingHwangShihDeCani = "hwang_shih_decani"

	CorrectHolm       = "holm"
	CorrectHochberg   = "hochberg"
	CorrectHommel     = "hommel"
	CorrectSidak      = "sidak"
	CorrectBonferroni = "bonferroni"
	CorrectDunnett    = "dunnett"
	CorrectBH         = "bh"
	CorrectBY         = "by"
	CorrectNone       = "none"
)

// Lists of what a key allows, in the order in which a refusal names them.
var (
	allUnits     = []string{UnitPerson, UnitReferrer, UnitPartner}
	allKinds     = []string{KindProportion, KindMean, KindRatio, KindTimeToEvent, KindQuantile}
	allValues    = []string{ValueAmount, ValueCount}
	allRoles     = []string{RolePrimary, RoleSecondary, RoleGuardrail}
	allRules     = []string{RuleFixed, RuleGroupSequential, RuleAlwaysValid, RuleMSPRT}
	allSpendings = []string{SpendingOBrienFleming, SpendingPocock, SpendingKimDeMets, SpendingHwangShihDeCani}
	allPrimary   = []string{CorrectHolm, CorrectHochberg, CorrectHommel, CorrectSidak, CorrectBonferroni, CorrectDunnett, CorrectNone}
	allSecondary = []string{CorrectBH, CorrectBY, CorrectHolm, CorrectHochberg, CorrectHommel, CorrectSidak, CorrectBonferroni, CorrectNone}
)

// whereColumns are the event columns a metric may filter on, beside prop.NAME.
var whereColumns = []string{"campaign", "channel", "currency", "order_id", "partner_id", "referral_code", "source", "status"}

// UnitName is a unit in words: a household for attribute.household, a person where none is named.
func UnitName(unit string) string {
	return cmp.Or(strings.TrimPrefix(unit, attributePrefix), UnitPerson)
}
