package cause

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Site is a place in the code of the job, and what the samples there end in: the class of an
// allocated object or of a lock.
type Site struct {
	Method string // the nearest frame of the user's code
	Class  string
	// Samples of Of are at this place with this class; Of are all of task threads.
	Samples, Of int64
}

// sites counts the samples of ALLOC or LOCK profiles by place and class.
type sites struct {
	counts map[Site]int64
	of     int64
}

// sitesOf reads the profiles of a tally. The place is empty where a frame of Flink is between
// the user's code and the class: then Flink allocates or locks.
func (f *Facts) sitesOf(y *Tally) sites {
	out := sites{counts: map[Site]int64{}}
	for _, p := range y.profiles {
		for stack, n := range p.Stacks {
			frames := f.reader.read(stack)
			root := rootOf(frames)
			if n <= 0 || root < 0 || waits(frames[root:]) {
				continue
			}
			at := frames[root:]
			out.of += n
			out.counts[Site{Method: ownFrame(at[:len(at)-1]), Class: at[len(at)-1].dotted}] += n
		}
	}
	return out
}

// most returns the place in the user's code with the most samples of these classes; every
// class if the pattern is nil.
func (s sites) most(classes Pattern) Site {
	var best Site
	for site, n := range s.counts {
		if site.Method == "" || classes != nil && !classes.Matches(site.Class) {
			continue
		}
		site.Samples, site.Of = n, s.of
		if n > best.Samples || n == best.Samples && strings.Compare(site.Method+site.Class, best.Method+best.Class) < 0 {
			best = site
		}
	}
	return best
}

// sum counts the samples of these classes: all of them, and those in the user's code.
func (s sites) sum(classes Pattern) (all, own int64) {
	for site, n := range s.counts {
		if classes != nil && !classes.Matches(site.Class) {
			continue
		}
		all += n
		if site.Method != "" {
			own += n
		}
	}
	return all, own
}

// Allocated counts the sampled allocations of task threads of these classes, and of all; site
// is where the job's own code allocates most of them.
func (f *Facts) Allocated(classes Pattern) (samples, of int64, site Site) {
	s := f.sitesOf(&f.alloc)
	samples, _ = s.sum(classes)
	return samples, s.of, s.most(classes)
}

// AllocatedIn counts the sampled allocations of these classes in a method of the job's own code
// and in what it calls; of every class if the pattern is nil.
func (f *Facts) AllocatedIn(method string, classes Pattern) (samples int64) {
	for site, n := range f.sitesOf(&f.alloc).counts {
		if site.Method == method && (classes == nil || classes.Matches(site.Class)) {
			samples += n
		}
	}
	return samples
}

// MuchContended is the part of the waits of task threads from which those of the job's own code
// matter. Flink's threads wait for each other in every job.
const MuchContended = 0.2

// Contended counts the waits for locks that begin in the job's own code, and all waits of task
// threads; site is where most of them are.
func (f *Facts) Contended() (own, of int64, site Site) {
	s := f.sitesOf(&f.lock)
	_, own = s.sum(nil)
	return own, s.of, s.most(nil)
}

// CiteAllocations adds what task threads allocate most as evidence.
func (f *Facts) CiteAllocations(n int) []string {
	var ids []string
	for _, name := range hottest(&f.alloc, n, func(c count) int64 { return c.self }) {
		ids = append(ids, f.other(&f.alloc, name, allocations))
	}
	return ids
}

// CiteLock adds the class of a lock as evidence.
func (f *Facts) CiteLock(class string) string { return f.other(&f.lock, class, lockWaits) }

// AllocationsKnown reports whether an ALLOC profile is in the evidence.
func (f *Facts) AllocationsKnown() bool { return f.alloc.Busy > 0 }

// sayWhatIsAllocated names what task threads allocate most, and where.
func (f *Facts) sayWhatIsAllocated() {
	top := hottest(&f.alloc, 1, func(c count) int64 { return c.self })
	if len(top) == 0 {
		return
	}
	samples, of, site := f.Allocated(Pattern{top[0]})
	text := fmt.Sprintf("%d of %d sampled allocations of task threads are %s", samples, of, FrameName(top[0]))
	if site.Samples > 0 {
		text += fmt.Sprintf(", %d of them in %s", site.Samples, site.SiteName())
	}
	f.Observations = append(f.Observations, text+".")
}

// The units of profiles that do not sample time.
const (
	allocations = "allocations of task threads"
	lockWaits   = "waits for locks of task threads"
)

// SiteName names the method of a place, shortened.
func (s Site) SiteName() string { return FrameName(s.Method) }

// ClassName names the class of a place, shortened.
func (s Site) ClassName() string { return evidence.Clean(s.Class, evidence.MaxSubject) }
