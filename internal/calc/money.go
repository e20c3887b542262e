package calc

import (
	"errors"
	"regexp"

	"vouch/partners/incentive"
	"vouch/referral"
)

// moneyMethods are exact operations on minor units.
func moneyMethods() []Method {
	return []Method{
		method("money.round", "Rounds decimal texts to whole minor units.",
			[]string{"amounts"}, moneyRound),
		method("money.allocate", "Splits an amount by weights without losing a unit, by largest remainders.",
			[]string{"amounts"}, moneyAllocate),
		method("money.sum", "Adds amounts, converting each to one currency first.",
			[]string{"amount", "currency", "converted"}, moneySum),
	}
}

type amounts struct {
	Amounts []int64 `json:"amounts"`
}

type moneyRoundInput struct {
	Values   []string           `json:"values"`
	Rounding incentive.Rounding `json:"rounding" calc:"optional"`
	Currency string             `json:"currency" calc:"optional"`
}

func moneyRound(in moneyRoundInput) (any, error) {
	if err := errors.Join(in.Rounding.Valid(), checkCurrency(in.Currency)); err != nil {
		return nil, err
	}
	out := amounts{make([]int64, len(in.Values))}
	for i, text := range in.Values {
		d, err := incentive.ParseDecimal(text)
		if err != nil {
			return nil, err
		}
		if out.Amounts[i], err = in.Rounding.Round(d.Rat()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type moneyAllocateInput struct {
	Amount  int64               `json:"amount"`
	Weights []incentive.Decimal `json:"weights"`
}

func moneyAllocate(in moneyAllocateInput) (any, error) {
	parts, err := incentive.Allocate(in.Amount, in.Weights)
	return amounts{parts}, err
}

type moneySumInput struct {
	Amounts []struct {
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	} `json:"amounts"`
	To    string `json:"to" calc:"optional"`
	Rates []struct {
		From string            `json:"from"`
		To   string            `json:"to"`
		Rate incentive.Decimal `json:"rate"`
	} `json:"rates" calc:"optional"`
	Rounding incentive.Rounding `json:"rounding" calc:"optional"`
}

func moneySum(in moneySumInput) (any, error) {
	if err := errors.Join(in.Rounding.Valid(), checkCurrency(in.To)); err != nil {
		return nil, err
	}
	list := make([]referral.Money, len(in.Amounts))
	for i, a := range in.Amounts {
		if !currencyCode.MatchString(a.Currency) {
			return nil, Invalid("amounts[%d].currency: %q is not three capital letters", i, a.Currency)
		}
		list[i] = referral.Money{Minor: a.Amount, Currency: a.Currency}
	}
	var rates []incentive.ExchangeRate
	pairs := map[[2]string]bool{}
	for i, r := range in.Rates {
		pair := [2]string{r.From, r.To}
		switch {
		case !currencyCode.MatchString(r.From) || !currencyCode.MatchString(r.To):
			return nil, Invalid("rates[%d]: a currency is three capital letters", i)
		case r.Rate.Sign() <= 0:
			return nil, Invalid("rates[%d].rate: %s is not above 0", i, r.Rate)
		case pairs[pair]:
			return nil, Invalid("rates[%d]: a second rate from %s to %s", i, r.From, r.To)
		}
		pairs[pair] = true
		rates = append(rates, incentive.ExchangeRate{From: r.From, To: r.To, Rate: r.Rate})
	}
	total, converted, err := incentive.Sum(list, in.To, rates, in.Rounding)
	if errors.Is(err, incentive.ErrNoRate) {
		return nil, &Error{Code: CodeCurrency, Message: err.Error()}
	}
	return struct {
		Amount    int64   `json:"amount"`
		Currency  string  `json:"currency"`
		Converted []int64 `json:"converted"`
	}{total.Minor, total.Currency, converted}, err
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// checkCurrency refuses an optional currency that is not a code.
func checkCurrency(code string) error {
	if code != "" && !currencyCode.MatchString(code) {
		return Invalid("currency: %q is not three capital letters", code)
	}
	return nil
}
