package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func TestDiffFoldsChainsOfCalls(t *testing.T) {
	change := func(name, category string, base, next int64) flame.Change {
		return flame.Change{Name: name, Category: category, Total: flame.Shift{Base: base, New: next}}
	}
	rows := Folded([]flame.Change{
		change("start_thread", "native", 5, 9), change("rocksdb::run()", "state-backend", 5, 9),
		change("memcpy", "native", 5, 9),
		change("a/B.c", "user-code", 9, 5),
	}, func(c flame.Change) flame.Shift { return c.Total })
	require.Len(t, rows, 2)
	require.Equal(t, "rocksdb::run()", rows[0].Name)
	require.Equal(t, " (and 2 with the same counts)", rows[0].alike())
	require.Equal(t, "a/B.c", rows[1].Name)
	require.Empty(t, rows[1].alike())
}
