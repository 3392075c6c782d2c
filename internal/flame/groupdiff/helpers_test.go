package groupdiff_test

import (
	"maps"
	"slices"
)

// sortedStacks makes the draws repeatable.
func sortedStacks(p program) []string { return slices.Sorted(maps.Keys(p)) }
