package frame

// unknownJava begin the stacks of Java threads whose callers the profiler could not find:
// async-profiler 2.9 cannot walk out of the JVM's hand-written code for digests and ciphers.
var unknownJava = Pattern{"[unknown_Java]", "unknown_Java", "[not_walkable_Java]"}

// Traits are what a frame's name tells.
type Traits struct {
	// Root begins a task. Parked is off the CPU, and Collects a garbage collector.
	Root, Parked, Collects bool
	// Lost begins the stack of a Java thread without its callers.
	Lost bool
	User bool // the user's own code
	Side Side
	// Sleeps and Legacy show a source that waits by itself.
	Sleeps, Legacy bool
}

// Of returns the traits of a dotted name.
func Of(dotted string) Traits {
	return Traits{
		Root: taskRoots.Matches(dotted), Parked: parked.Matches(dotted), Collects: collecting.Matches(dotted),
		Lost: unknownJava.Matches(dotted), User: UsersOwn(dotted), Side: sideOf(dotted),
		Sleeps: sleeping.Matches(dotted), Legacy: dotted == LegacySource,
	}
}
