package referral

// Archetype is the kind of a partner.
type Archetype string

// The archetypes of the contract table partners.
const (
	Reseller    Archetype = "reseller"
	Influencer  Archetype = "influencer"
	Consultant  Archetype = "consultant"
	Integration Archetype = "integration"
	Customer    Archetype = "customer"
	Ally        Archetype = "ally"
	Other       Archetype = "other"
)

// Archetypes lists all archetypes in reporting order.
func Archetypes() []Archetype {
	return []Archetype{Reseller, Influencer, Consultant, Integration, Customer, Ally, Other}
}

// CostKind says what a cost line paid for.
type CostKind string

// The cost kinds of the contract table costs.
const (
	CostCommission  CostKind = "commission"
	CostBonus       CostKind = "bonus"
	CostReward      CostKind = "reward"
	CostDiscount    CostKind = "discount"
	CostCoMarketing CostKind = "co_marketing"
	CostFixed       CostKind = "fixed"
	CostTooling     CostKind = "tooling"
)

// CostKinds lists all cost kinds in reporting order.
func CostKinds() []CostKind {
	return []CostKind{CostCommission, CostBonus, CostReward, CostDiscount, CostCoMarketing, CostFixed, CostTooling}
}

// Reasons for which a person is kept out of analyses; the contract table persons lists them in
// flags.
const (
	FlagInternal     = "internal"
	FlagSelfReferral = "self_referral"
	FlagBot          = "bot"
)
