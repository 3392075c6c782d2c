package frame

// Side is where a task's records come from.
type Side int

// What the stack of a task shows.
const (
	AnySide Side = iota // a stack that does not show it
	FromSource
	FromTasks
)

// The frames that show it.
var (
	readsSource = Pattern{
		"org.apache.flink.streaming.api.operators.SourceOperator.emitNext",
		"org.apache.flink.streaming.runtime.io.StreamTaskSourceInput.*",
		"org.apache.flink.streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run",
	}
	readsTasks = Pattern{
		"org.apache.flink.streaming.runtime.io.AbstractStreamTaskNetworkInput.*",
		"org.apache.flink.streaming.runtime.io.StreamTaskNetworkInput.*",
	}
)

// sideOf returns what one frame shows.
func sideOf(dotted string) Side {
	switch {
	case readsSource.Matches(dotted):
		return FromSource
	case readsTasks.Matches(dotted):
		return FromTasks
	}
	return AnySide
}
