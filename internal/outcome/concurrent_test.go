package outcome_test

import (
	"fmt"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// TestImportWhileOthersMakeIDs holds that the ids of an import ascend and that making them
// touches nothing that other goroutines use; the race detector sees the second.
func TestImportWhileOthersMakeIDs(t *testing.T) {
	text := "label,deployment,iteration,throughput\n"
	for i := range 200 {
		text += fmt.Sprintf("a,%d,1,100\n", i+1)
	}
	rows, err := outcome.Read([]byte(text), "csv", false)
	require.NoError(t, err)
	var g errgroup.Group
	for range 2 {
		g.Go(func() error {
			for range 5000 {
				_ = ulid.Make()
			}
			return nil
		})
		g.Go(func() error {
			last := ""
			for _, test := range rows.Tests(outcome.Import{Run: "r", Job: "j"}, now) {
				if test.ID <= last {
					return fmt.Errorf("%s follows %s", test.ID, last)
				}
				last = test.ID
			}
			return nil
		})
	}
	require.NoError(t, g.Wait())
}
