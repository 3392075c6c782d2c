package classify

import (
	"cmp"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Summary counts the samples of a profile by kind of thread and by kind of work.
type Summary struct {
	Samples int64 `json:"samples"`
	// Idle counts the samples of threads that waited for work. It is 0 in modes without
	// waiting threads, see [flame.Mode.SeesWaiting]. No row below contains idle samples.
	Idle       int64           `json:"idle"`
	Threads    []ThreadShare   `json:"threads"`
	Categories []CategoryShare `json:"categories"`
	// Operators split the samples of task threads by operator.
	Operators []OperatorShare `json:"operators"`
}

// ThreadShare counts one kind of thread. All rows and Idle add up to Samples.
type ThreadShare struct {
	Thread  Thread `json:"thread"`
	Samples int64  `json:"samples"` // without idle samples
}

// CategoryShare counts one kind of work in task threads and in all other threads.
type CategoryShare struct {
	Category Category `json:"category"`
	Task     int64    `json:"task"`
	Other    int64    `json:"other"`
}

// Summarize counts a profile. The largest rows come first.
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

// WithoutIdle returns the tree without the samples of idle threads, and the number of
// these samples. In modes without waiting threads it returns the tree itself and 0.
// Otherwise the two trees share memory: do not add to either of them afterwards.
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

// OfTasks returns the samples of task threads that are not idle: the work of the job
// itself. The two trees share memory: do not add to either of them afterwards.
func OfTasks(tree *flame.Tree, mode flame.Mode) *flame.Tree {
	reader := NewClassifier(mode)
	return tree.Only(func(stack []string) bool {
		thread, category := reader.Stack(stack)
		return thread == Task && category != Idle
	})
}
