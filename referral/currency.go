package referral

import "strings"

// exponents holds the decimals of each ISO 4217 currency: the active codes of the standard's table
// A.1 and those withdrawn lately that older data still hold (ANG, BGN, HRK). Metals and units of
// account without decimals of their own (XAU, XDR) are left out: nobody is paid in them.
var exponents = func() map[string]int {
	m := make(map[string]int, 180)
	for e, codes := range map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
		2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD " +
			"CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP " +
			"GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD " +
			"MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR " +
			"PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY " +
			"TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL",
	} {
		for _, c := range strings.Fields(codes) {
			m[c] = e
		}
	}
	return m
}()

// Currencies returns the number of decimals of every known currency code. The map is a copy.
func Currencies() map[string]int {
	m := make(map[string]int, len(exponents))
	for c, e := range exponents {
		m[c] = e
	}
	return m
}
