// Package flame reads, compares and writes profiles: a profile is a [Tree] of frames, read
// from async-profiler's flame graph pages, from collapsed stacks, or from Flink's own
// samples. The package opens no files and no connections. Package classify says what
// frames mean in Flink.
//
// # The tree
//
// Every node below the root is a frame with a name and a self value: the
// samples that were taken while this frame was on top of exactly this stack.
// The names are interned, and a node with its samples takes 16 bytes, because a page of
// 64 MiB has millions of frames. A child always comes after its parent in the array of
// nodes. So one pass from the back computes sums over subtrees, and one pass from the
// front computes inherited properties.
//
// The root is not a frame. Its self value counts the samples without a stack.
//
// # Units
//
// Counts are samples unless [Tree.Unit] says otherwise: a page that was taken with
// --total has bytes or nanoseconds. The title names the unit. If it does not, counts that
// are too large and too regular for samples have an unknown unit. Such profiles,
// and pages that omit narrow frames ([Tree.NotShown]), can be read but not compared:
// noise bands need the number of samples.
//
// # Names
//
// A name is the frame's name in async-profiler's own collapsed output of the same data,
// without the suffix that says how the frame was compiled: `_[0]`, `_[j]`,
// `_[i]`, `_[k]`, `_[1]`. Frames that differ only in the suffix are one frame. A
// name never contains a semicolon, which separates frames, and never begins with a
// number sign, which begins a comment in collapsed stacks. A bar replaces both, as
// async-profiler itself replaces the semicolon. Otherwise names are bytes from
// outside and may be invalid UTF-8: escape them before they are shown.
//
// # Pages
//
// async-profiler writes two dialects of pages. Up to 2.9, the version that Flink ships, a
// frame is a line
//
//	f(level,left,width,type,'title')
//
// with absolute positions. Only the quote is escaped. A line longer than 4,094 bytes is
// cut there and loses its line end. From 3.0 on the names are a pool, sorted and
// front-coded, and frames refer to it:
//
//	f(key,level,move[,width…])   anywhere
//	u(key[,width…])              the first child of the frame before it
//	n(key[,width…])              the sibling right after the frame before it
//
// key is the index into the pool, times eight, plus the type. In both dialects a
// width is the frame's total. The self samples come first, then the children without
// gaps. With --minwidth the profiler omits frames and keeps the place of all others. So a
// gap after a child is an omitted frame and becomes a frame "[not shown]". Prefixes in the
// pool are counted in bytes, after unescaping.
//
// A page comes from outside. The reader accepts any head, but checks every line from the
// first frame on: a frame must lie within its parent and to the right of its earlier
// siblings. Otherwise the reader refuses the page and names the line. It also refuses a
// page that ends early, is too large or too deep, or has too many frames. A page is read
// completely or not at all.
package flame
