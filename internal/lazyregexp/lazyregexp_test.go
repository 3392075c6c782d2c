package lazyregexp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

func TestNew(t *testing.T) {
	digits := lazyregexp.New(`^\d+$`)
	first := digits()
	require.True(t, first.MatchString("42"))
	require.Same(t, first, digits(), "it is compiled once")
	require.Panics(t, func() { lazyregexp.New(`(`) }, "a test finds an expression that it does not use")
}
