package changepointtest

// Score counts what a detector found.
type Score struct {
	// Right are the true changes that were found, Wrong what was found where nothing
	// changed, Missed the true changes that were not found.
	Right, Wrong, Missed int
}

// Tolerance is how many values a found point may be away from the true one.
const Tolerance = 5

// Add counts the found points of a series, ascending. Each true change takes the nearest found
// point within the tolerance, and each found point counts once.
func (s *Score) Add(truth, found []int) {
	taken := make([]bool, len(found))
	for _, at := range truth {
		nearest := -1
		for i, f := range found {
			if distance(f, at) <= Tolerance && !taken[i] && (nearest < 0 || distance(f, at) < distance(found[nearest], at)) {
				nearest = i
			}
		}
		if nearest < 0 {
			s.Missed++
			continue
		}
		taken[nearest] = true
		s.Right++
	}
	for _, t := range taken {
		if !t {
			s.Wrong++
		}
	}
}

func distance(a, b int) int { return max(a-b, b-a) }

// F1 is the harmonic mean of the share of found points that are right and the share of true
// changes that were found; 0 if nothing is right.
func (s Score) F1() float64 {
	if s.Right == 0 {
		return 0
	}
	return 2 * float64(s.Right) / float64(2*s.Right+s.Wrong+s.Missed)
}
