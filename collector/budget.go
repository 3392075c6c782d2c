package collector

// budget is how many requests a poll may still send for one job beyond those
// it must. The bound for a job and poll is 2 × vertices + 12; six of these go to
// the cluster, three to the job and one to each vertex. The rest is for what
// need not be asked at every poll: names, settings, exceptions, and the halves of
// an empty answer. What it does not cover waits for a later poll.
type budget struct{ left int }

func newBudget(vertices int) *budget { return &budget{left: vertices + 3} }

// take uses n of the requests left, if there are so many.
func (b *budget) take(n int) bool {
	if b.left < n {
		return false
	}
	b.left -= n
	return true
}
