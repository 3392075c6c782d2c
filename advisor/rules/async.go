package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

// asyncFull is an async operator with a full queue: its task waits, although no call blocks.
// Only a clock shows for how long: a few CPU samples of it do not explain a gap between busy time
// and CPU time, which a busy machine causes too.
var asyncFull = cause.Rule{
	Name:     "async-capacity",
	Category: cause.BlockingIO,
	Frames: cause.Pattern{
		"*.operators.async.AsyncWaitOperator.addToWorkQueue", "*.operators.async.queue.*.tryPut",
	},
	Below:     cause.Pattern{"*.operators.async.AsyncWaitOperator.processElement"},
	Removable: cause.Rarer(1.25, 10),
	RestsOn:   cause.Ground{Kind: cause.Calculated, Says: "1.25 to 10 times as many requests under way"},
	Judge:     onTheClock,
	Settings:  []string{"async", "capacity"},
	What:      "waiting for a free place in the queue of an async operator",
	Why: "An async operator has a bounded number of requests under way. While all are, it takes no record: it does at " +
		"most capacity ÷ latency records per second and subtask.",
	Change: "Make the service answer faster or ask it less (a cache, requests for several records), raise the capacity of " +
		"AsyncDataStream.orderedWait or unorderedWait if the service can bear it, use unorderedWait where the order " +
		"does not matter, or give the operator more subtasks.",
	TradeOffs: "More requests at once for the service behind it, and more to ask again after a failure.",
	Reference: docsFlink + "dev/datastream/operators/asyncio/",
}
