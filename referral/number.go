package referral

import (
	"math"
	"strconv"
)

// Thousands writes a whole number with separators: 1234567 is "1,234,567".
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 1 // the separator stands before every third digit from the end but the first digit
	if n < 0 {
		first = 2
	}
	for i := len(s) - 3; i >= first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Significant writes a number with at most the given significant digits, in plain decimals without zeros at the end: 1234.5 with
// three is "1230", 0.0000504 itself. A result of zero has no sign; NaN and infinities are written as strconv does.
func Significant(x float64, digits int) string {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil || math.IsInf(r, 0) || math.IsNaN(r) {
		return strconv.FormatFloat(x, 'g', digits, 64)
	}
	return strconv.FormatFloat(r+0, 'f', -1, 64)
}

// SignedSignificant writes it with a plus before what is above zero.
func SignedSignificant(x float64, digits int) string {
	if s := Significant(x, digits); x > 0 {
		return "+" + s
	} else {
		return s
	}
}
