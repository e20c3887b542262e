package ingest

import (
	"fmt"
	"slices"
	"strings"

	"vouch/referral"
)

// spaces are the characters strings.TrimSpace removes, so that SQL and Go read the same texts.
const spaces = " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

// amountPattern is what referral.ParseAmount accepts, after trimming.
const amountPattern = `[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)`

// amountSQL is the SQL twin of referral.ParseAmount: the minor units (BIGINT) of the trimmed text t
// whose currency has exp decimals, NULL where ParseAmount refuses. It moves digits as text, so no
// digit is rounded away:
//
//	major:  sign, whole part, fraction without trailing zeros padded to exp digits
//	minor:  the fraction must be zero
//	micros: the fraction must be zero and the last 6−exp digits too; they are cut off
//
// Amounts of ten to the power of maxDigits minor units and more give NULL as well; see minorSQL.
// t and exp are SQL expressions; exp NULL (an unknown currency) gives NULL.
// Checked against referral.ParseAmount by a property test in amounts_test.go.
func amountSQL(t, exp string, unit referral.Unit) string {
	sign := fmt.Sprintf("CASE WHEN starts_with(%s, '-') THEN '-' ELSE '' END", t)
	whole := wholeSQL(t)
	frac := fractionSQL(t)
	var fits, digits string
	switch unit {
	case referral.UnitMinor:
		fits = fmt.Sprintf("%s = '' AND %s IS NOT NULL", frac, exp)
		digits = fmt.Sprintf("'0' || %s", whole)
	case referral.UnitMicros:
		cut := fmt.Sprintf("(6 - %s)", exp)
		padded := fmt.Sprintf("('0000000' || %s)", whole)
		fits = fmt.Sprintf("%s = '' AND right(%s, %s) = repeat('0', %s)", frac, padded, cut, cut)
		digits = fmt.Sprintf("left(%s, length(%s) - %s)", padded, padded, cut)
	default:
		fits = fmt.Sprintf("length(%s) <= %s", frac, exp)
		digits = fmt.Sprintf("'0' || %s || rpad(%s, %s, '0')", whole, frac, exp)
	}
	return fmt.Sprintf("CASE WHEN %s AND %s THEN %s END", amountForm(t), fits, minorSQL(sign+" || "+digits))
}

// maxDigits is how many digits an amount in minor units may have: less than ten trillion euros. More is
// a mistake in the unit, and a billion such amounts still add up within 128 bits.
const maxDigits = 15

const beyondRange = "has more than 15 digits in minor units, ten trillion and more: correct it, or set unit: if it is another"

// minorSQL is the BIGINT of a number within that range, NULL beyond it.
func minorSQL(x string) string {
	return fmt.Sprintf("CAST(TRY_CAST(%s AS DECIMAL(%d,0)) AS BIGINT)", x, maxDigits)
}

// amountForm tells whether a text is a decimal number at all.
func amountForm(t string) string {
	return fmt.Sprintf("regexp_full_match(%s, %s)", t, literal(amountPattern))
}

func wholeSQL(t string) string { return fmt.Sprintf("split_part(ltrim(%s, '+-'), '.', 1)", t) }

func fractionSQL(t string) string { return fmt.Sprintf("rtrim(split_part(%s, '.', 2), '0')", t) }

// exponentSQL is the number of decimals of the currency in a text expression, NULL if unknown.
func exponentSQL(currency string) string {
	by := map[int][]string{}
	for code, e := range referral.Currencies() {
		by[e] = append(by[e], code)
	}
	exps := make([]int, 0, len(by))
	for e := range by {
		slices.Sort(by[e])
		exps = append(exps, e)
	}
	slices.Sort(exps)
	var b strings.Builder
	b.WriteString("CASE")
	for _, e := range exps {
		fmt.Fprintf(&b, " WHEN %s IN %s THEN %d", currency, inList(by[e]), e)
	}
	b.WriteString(" END")
	return b.String()
}
