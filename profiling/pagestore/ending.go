package pagestore

// Ending is that of the name of a page's file.
func Ending(page []byte) string {
	switch KindOf(page) {
	case GraphOfVertex:
		return ".json"
	case CollapsedStacks:
		return CollapsedEnding
	}
	return ".html"
}

// CollapsedEnding is how files of collapsed stacks are called. Nothing in such a file
// tells what it is.
const CollapsedEnding = ".collapsed"
