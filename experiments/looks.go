package experiments

import (
	"fmt"
	"strconv"
)

// Looks are planned shares of the units of an experiment, rising to 1.
type Looks []float64

// maxLooks is the largest number of planned looks.
const maxLooks = 1000

// FromText reads the short form: a whole number n stands for n equally spaced looks.
func (l *Looks) FromText(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLooks {
		return fmt.Errorf("%q is not a number of looks: a whole number from 1 to %d, or a list of shares such as [0.5, 1]", text, maxLooks)
	}
	*l = make(Looks, n)
	for i := range *l {
		(*l)[i] = float64(i+1) / float64(n)
	}
	return nil
}
