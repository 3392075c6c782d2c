// Package flame holds what a profiler saw: a [Tree] of frames, read from
// async-profiler's flame graph pages or from collapsed stacks. It does no I/O
// of its own. What frames mean, in Flink or elsewhere, is package classify's to say.
//
// # The tree
//
// Every node below the root is a frame with a name and a self value: the
// samples that were taken while this frame was on top of exactly this stack.
// The names are interned and a node with its samples is 16 bytes, because a page of 64 MiB has
// millions of frames. A child always comes after its parent in the array of
// nodes, so that sums over subtrees are one pass from the back and properties
// that are inherited are one pass from the front.
//
// The root stands for no frame. Its self value is what was sampled without any
// stack.
//
// # Units
//
// Counts are samples unless [Tree.Unit] says otherwise: a page that was taken with
// --total has bytes or nanoseconds. The title tells; where it doesn't, counts that
// are too large and too regular for samples have an unknown unit. Such profiles,
// and pages that omit narrow frames ([Tree.NotShown]), can be read and not compared:
// noise bands need the number of samples.
//
// # Names
//
// A name is what async-profiler's own collapsed output of the same data calls
// the frame, without the suffix that tells how it was compiled: `_[0]`, `_[j]`,
// `_[i]`, `_[k]`, `_[1]`. Frames that differ only in the suffix are one frame. A
// name never holds a semicolon, which separates frames, and never begins with a
// number sign, which begins a comment in collapsed stacks: a bar stands in their
// place, as async-profiler does it for the semicolon. Otherwise names are bytes from
// outside, perhaps not valid UTF-8: escape them before they are shown.
//
// # Pages
//
// async-profiler has written two dialects of page. Up to 2.9, which is what
// Flink ships, a frame is a line
//
//	f(level,left,width,type,'title')
//
// with absolute positions, where only the quote is escaped and a line that would
// be longer than 4,094 bytes is cut there, its line end lost. From 3.0 on the
// names are a pool, sorted and front-coded, and frames refer to it:
//
//	f(key,level,move[,width…])   anywhere
//	u(key[,width…])              the first child of the frame before it
//	n(key[,width…])              the sibling right after the frame before it
//
// key is the index into the pool, times eight, plus the type. In both dialects a
// width is the frame's total. Its self samples come first, then its children, one
// right after the other. With --minwidth the profiler omits frames and keeps the
// place of all others, so a gap behind a child is an omitted one and becomes a frame
// "[not shown]". Prefixes in the pool are counted in bytes, after unescaping.
//
// A page comes from outside. The head is skipped leniently, but from the first
// frame on everything must fit: a frame lies within its parent and right of its
// elder siblings, or the page is refused with the number of the line. So is a
// page that ends early, that is too large, too deep or has too many frames. There
// is no such thing as a page that was read in part.
package flame
