package incentive

import "fmt"

// Level is a step of a recognition ladder: reached at From points, with a bonus paid once.
type Level struct {
	Name  string
	From  int64
	Bonus int64 // minor units
}

// Keep says whether a level once reached is kept. The empty Keep is HighWater.
type Keep string

// The readings of falling points.
const (
	HighWater Keep = "high_water" // the level of the most points ever
	Current   Keep = "current"    // the level of the points now
)

// Ladder is a recognition programme. The first level begins at 0, thresholds increase, and a level
// applies from its threshold.
type Ladder struct {
	Levels []Level
	Keep   Keep
}

// Recognised is what a ladder makes of events.
type Recognised struct {
	Level      []string // after each event
	Bonus      []int64  // of the levels newly passed by each event
	Points     []int64  // running
	TotalBonus int64
}

// Climb adds the points of events, which may be negative, to the opening points. An event pays the
// bonuses of all levels above the highest ever reached, each once in a lifetime: a level that was
// lost and regained pays nothing, nor do levels that the opening points had reached.
func (l Ladder) Climb(points []int64, opening int64) (Recognised, error) {
	if err := l.valid(); err != nil {
		return Recognised{}, err
	}
	out := Recognised{Level: make([]string, len(points)), Bonus: make([]int64, len(points)), Points: make([]int64, len(points))}
	total, reached := opening, l.at(opening)
	var err error
	for i, p := range points {
		if total, err = sum([]int64{total, p}); err != nil {
			return Recognised{}, err
		}
		now := l.at(total)
		for ; reached < now; reached++ {
			if out.Bonus[i], err = sum([]int64{out.Bonus[i], l.Levels[reached+1].Bonus}); err != nil {
				return Recognised{}, err
			}
		}
		shown := reached
		if l.Keep == Current {
			shown = now
		}
		out.Level[i], out.Points[i] = l.Levels[shown].Name, total
	}
	out.TotalBonus, err = sum(out.Bonus)
	return out, err
}

// at returns the index of the level of so many points.
func (l Ladder) at(points int64) int {
	level := 0
	for i, x := range l.Levels {
		if points >= x.From {
			level = i
		}
	}
	return level
}

func (l Ladder) valid() error {
	switch l.Keep {
	case "", HighWater, Current:
	default:
		return fmt.Errorf("keep %q is not one of high_water, current", string(l.Keep))
	}
	from, seen := make([]int64, len(l.Levels)), map[string]bool{}
	for i, x := range l.Levels {
		switch {
		case x.Name == "" || seen[x.Name]:
			return fmt.Errorf("level %d is named %q, which is empty or taken", i+1, x.Name)
		case x.Bonus < 0:
			return fmt.Errorf("level %q has a bonus of %d", x.Name, x.Bonus)
		}
		from[i], seen[x.Name] = x.From, true
	}
	return increasing(from)
}
