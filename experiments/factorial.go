package experiments

// factorial is filled in below.
func factorial(def Definition, arms []arm, level float64) ([]Factorial, error) { return nil, nil }
