package cause

// MostOwn returns the user's frame with the most stacks without any cause.
func (y *Tally) MostOwn() Own {
	name := most(y.own.samples)
	own := Own{Name: name, Samples: y.own.samples[name]}
	own.Top = most(y.own.tops[name])
	own.OnTop = y.own.tops[name][own.Top]
	return own
}

// Own is a frame of user code: the number of samples in it and in what it calls, the frame
// that is on top of most of these, and of how many.
type Own struct {
	Name    string
	Samples int64
	Top     string
	OnTop   int64
}

// ownCode counts samples by a frame of user code, and for each the frames on top.
type ownCode struct {
	samples map[string]int64
	tops    map[string]map[string]int64
}

func newOwnCode() ownCode {
	return ownCode{samples: map[string]int64{}, tops: map[string]map[string]int64{}}
}

func (o ownCode) add(name, top string, n int64) {
	o.samples[name] += n
	if o.tops[name] == nil {
		o.tops[name] = map[string]int64{}
	}
	o.tops[name][top] += n
}
