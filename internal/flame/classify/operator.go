package classify

import (
	"cmp"
	"slices"
	"strings"
)

// Where a task works for no operator: on the way in to the first one, and for the task
// as a whole.
const (
	TaskInput  = "(input)"
	TaskItself = "(task)"
)

// OperatorShare is the work of one operator, in samples of task threads.
type OperatorShare struct {
	// Operator is the class of the operator, and in brackets the class of the user's
	// function in it where one is on the stacks: "KeyedProcessOperator (com.acme.Enrich)".
	// Flink's names of operators are not on stacks.
	Operator string `json:"operator"`
	Samples  int64  `json:"samples"`
	// Categories are its samples by kind of work, most first.
	Categories []CategoryCount `json:"categories"`
}

// CategoryCount is one kind of work of an operator.
type CategoryCount struct {
	Category Category `json:"category"`
	Samples  int64    `json:"samples"`
}

// operatorClasses are Flink's, without the base classes that all operators share. A
// star stands for the method, or for what it is declared in.
var operatorClasses = names(
	"org.apache.flink.*Operator.*", "org.apache.flink.streaming.api.operators.Stream*.process*",
	"org.apache.flink.streaming.api.operators.StreamSource*.*",
	"org.apache.flink.streaming.api.operators.StreamSink.*",
	"StreamExec*.*", "BatchExec*.*", "*Calc$*.processElement",
)

// noOperators look like operators, and are what these are made of.
var noOperators = names("*.Abstract*", "*.SourceOperatorStreamTask*", "*.OperatorChain*", "*.StreamTask*",
	"*.Streaming*", "*.StreamOperator*", "*.StreamInput*", "*.StreamOneInput*", "*.StreamTwoInput*",
	"*.StreamMultiple*", "*.OneInputStreamOperator.*", "*.TwoInputStreamOperator.*",
	"*.MultipleInputStreamOperator.*", "*.BoundedOneInput.*")

// inputs are where a task takes records in, before any operator sees them.
var inputs = names("*.runtime.io.*Input*.*", "*.io.network.partition.consumer.*")

// operators finds out which operator a stack of a task works for.
type operators struct {
	known map[string]string // by frame: the class of an operator, TaskInput, or nothing
}

func (o *operators) of(frame string) string {
	if class, ok := o.known[frame]; ok {
		return class
	}
	name, class := dotted(frame), ""
	switch {
	case operatorClasses.matches(name) && !noOperators.matches(name):
		class, _, _ = cutLast(name)
		class = strings.TrimSuffix(class[strings.LastIndexByte(class, '.')+1:], "$*") // of classes that Flink generates
	case inputs.matches(name):
		class = TaskInput
	}
	if o.known == nil {
		o.known = map[string]string{}
	}
	o.known[frame] = class
	return class
}

// Operator names the operator that a stack of a task, given root first, works for: of
// a chain the one nearest to the top, in which the others are called. What it sends
// on is serialized on its account, and what the first one receives is TaskInput's.
func (c *Classifier) Operator(stack []string) string {
	found := TaskItself
	at := 0
	for i, frame := range stack {
		class := c.operators.of(frame)
		if class == "" || class == TaskInput && found != TaskItself {
			continue
		}
		found, at = class, i
	}
	if found == TaskItself || found == TaskInput {
		return found
	}
	for _, frame := range stack[at+1:] {
		if c.traitsOf(frame).category == User {
			function, _, _ := cutLast(dotted(frame))
			return found + " (" + withoutLambda(function) + ")"
		}
	}
	return found
}

// withoutLambda is the class that a lambda was written in.
func withoutLambda(class string) string {
	class, _, _ = strings.Cut(class, "$$")
	return class
}

// operatorSamples counts samples by operator and kind of work.
type operatorSamples map[string]map[Category]int64

func (t operatorSamples) add(operator string, category Category, samples int64) {
	if t[operator] == nil {
		t[operator] = map[Category]int64{}
	}
	t[operator][category] += samples
}

// shares are the rows, largest first.
func (t operatorSamples) shares() []OperatorShare {
	out := []OperatorShare{}
	for operator, categories := range t {
		row := OperatorShare{Operator: operator}
		for category, samples := range categories {
			row.Samples += samples
			row.Categories = append(row.Categories, CategoryCount{category, samples})
		}
		slices.SortFunc(row.Categories, func(a, b CategoryCount) int {
			return cmp.Or(cmp.Compare(b.Samples, a.Samples), cmp.Compare(a.Category, b.Category))
		})
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b OperatorShare) int {
		return cmp.Or(cmp.Compare(b.Samples, a.Samples), cmp.Compare(a.Operator, b.Operator))
	})
	return out
}
