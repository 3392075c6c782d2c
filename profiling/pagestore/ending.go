package pagestore

// Ending is the ending of the file name of a page.
func Ending(page []byte) string {
	switch KindOf(page) {
	case GraphOfVertex:
		return ".json"
	case CollapsedStacks:
		return CollapsedEnding
	}
	return ".html"
}

// CollapsedEnding is the ending of files of collapsed stacks. The content of such a file
// has no mark of its kind.
const CollapsedEnding = ".collapsed"
