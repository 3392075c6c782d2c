package classify

import (
	"cmp"
	"slices"
	"strings"
)

// Names for the work of a task outside its operators.
const (
	TaskInput  = "(input)" // receives records for the first operator
	TaskItself = "(task)"  // works for the task as a whole
)

// OperatorShare is the work of one operator, in samples of task threads.
type OperatorShare struct {
	// Operator is the class of the operator, followed by the class of the user's function
	// in parentheses if the stacks contain one: "KeyedProcessOperator (com.acme.Enrich)".
	// Stacks do not contain the names of operators that Flink's web UI shows.
	Operator string `json:"operator"`
	Samples  int64  `json:"samples"`
	// Categories are its samples by kind of work, the largest first.
	Categories []CategoryCount `json:"categories"`
}

// CategoryCount is one kind of work of an operator.
type CategoryCount struct {
	Category Category `json:"category"`
	Samples  int64    `json:"samples"`
}

// operatorClasses match the methods of Flink's operators. noOperators excludes the base
// classes.
var operatorClasses = names(
	"org.apache.flink.*Operator.*", "org.apache.flink.streaming.api.operators.Stream*.process*",
	"org.apache.flink.streaming.api.operators.StreamSource*.*",
	"org.apache.flink.streaming.api.operators.StreamSink.*",
	"StreamExec*.*", "BatchExec*.*", "*Calc$*.processElement",
)

// noOperators match classes that operatorClasses match too, but that are base classes or
// parts of operators.
var noOperators = names("*.Abstract*", "*.SourceOperatorStreamTask*", "*.OperatorChain*", "*.StreamTask*",
	"*.Streaming*", "*.StreamOperator*", "*.StreamInput*", "*.StreamOneInput*", "*.StreamTwoInput*",
	"*.StreamMultiple*", "*.OneInputStreamOperator.*", "*.TwoInputStreamOperator.*",
	"*.MultipleInputStreamOperator.*", "*.BoundedOneInput.*")

// inputs match the methods with which a task receives records before the first operator.
var inputs = names("*.runtime.io.*Input*.*", "*.io.network.partition.consumer.*")

// operators finds the operator of a frame and caches the result.
type operators struct {
	known map[string]string // by frame: the class of an operator, TaskInput, or empty
}

func (o *operators) of(frame string) string {
	if class, ok := o.known[frame]; ok {
		return class
	}
	name, class := dotted(frame), ""
	switch {
	case operatorClasses.matches(name) && !noOperators.matches(name):
		class, _, _ = cutLast(name)
		class = strings.TrimSuffix(class[strings.LastIndexByte(class, '.')+1:], "$*") // generated classes end with $*
	case inputs.matches(name):
		class = TaskInput
	}
	if o.known == nil {
		o.known = map[string]string{}
	}
	o.known[frame] = class
	return class
}

// Operator returns the operator that a stack of a task works for. The stack is given root
// first. In a chain, each operator calls the next one, so the operator nearest to the top
// counts. An operator includes the serialization of the records that it sends. TaskInput
// includes the deserialization of the records that the first operator receives.
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

// withoutLambda returns the class that contains a lambda.
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

// shares returns the rows, the largest first.
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
