package experiments

func noveltyDays(def Definition, r read, level float64) ([]NoveltyDay, error) { return nil, nil }
