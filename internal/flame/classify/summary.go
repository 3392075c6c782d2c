package classify

import (
	"cmp"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Summary is a profile by kinds of threads and of work, in samples.
type Summary struct {
	Samples int64 `json:"samples"`
	// Idle samples are those of threads that waited for something to do. Only
	// WALL profiles have them; they are in no row of Categories.
	Idle       int64           `json:"idle"`
	Threads    []ThreadShare   `json:"threads"`
	Categories []CategoryShare `json:"categories"`
	// Operators are the samples of task threads again.
	Operators []OperatorShare `json:"operators"`
}

// ThreadShare is one kind of thread. All of them, with Idle, add up to Samples.
type ThreadShare struct {
	Thread  Thread `json:"thread"`
	Samples int64  `json:"samples"` // without the idle ones
}

// CategoryShare is one kind of work, in threads of tasks and in all others.
type CategoryShare struct {
	Category Category `json:"category"`
	Task     int64    `json:"task"`
	Other    int64    `json:"other"`
}

// Summarize counts a profile. The rows come largest first.
func Summarize(tree *flame.Tree, mode flame.Mode) Summary {
	out := Summary{Samples: tree.Total(), Threads: []ThreadShare{}, Categories: []CategoryShare{}}
	threads, categories, operators := map[Thread]int64{}, map[Category]CategoryShare{}, operatorSamples{}
	reader := NewClassifier(mode)
	for stack, samples := range tree.Stacks() {
		thread, category := reader.Stack(stack)
		if category == Idle {
			out.Idle += samples
			continue
		}
		threads[thread] += samples
		share := categories[category]
		share.Category = category
		if thread == Task {
			share.Task += samples
			operators.add(reader.Operator(stack), category, samples)
		} else {
			share.Other += samples
		}
		categories[category] = share
	}
	out.Operators = operators.shares()
	for thread, samples := range threads {
		out.Threads = append(out.Threads, ThreadShare{thread, samples})
	}
	for _, share := range categories {
		out.Categories = append(out.Categories, share)
	}
	slices.SortFunc(out.Threads, func(a, b ThreadShare) int {
		return cmp.Or(cmp.Compare(b.Samples, a.Samples), cmp.Compare(a.Thread, b.Thread))
	})
	slices.SortFunc(out.Categories, func(a, b CategoryShare) int {
		return cmp.Or(cmp.Compare(b.Task, a.Task), cmp.Compare(b.Other, a.Other), cmp.Compare(a.Category, b.Category))
	})
	return out
}

// WithoutIdle sets the samples of idle threads apart, and says how many they were.
// Profiles in modes that see no waiting have none and come back as they are.
func WithoutIdle(tree *flame.Tree, mode flame.Mode) (busy *flame.Tree, idle int64) {
	if !mode.SeesWaiting() {
		return tree, 0
	}
	reader := NewClassifier(mode)
	busy = tree.Only(func(stack []string) bool {
		_, category := reader.Stack(stack)
		return category != Idle
	})
	return busy, tree.Total() - busy.Total()
}

// OfTasks returns the samples of task threads that are not idle: what the job itself
// does. The two trees share memory: nothing may be added to either any more.
func OfTasks(tree *flame.Tree, mode flame.Mode) *flame.Tree {
	reader := NewClassifier(mode)
	return tree.Only(func(stack []string) bool {
		thread, category := reader.Stack(stack)
		return thread == Task && category != Idle
	})
}
