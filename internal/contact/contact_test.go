package contact

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestContact(t *testing.T) {
	var c Contact
	_, known := c.Up()
	require.False(t, known, "there was no request")
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	refused := errors.New("refused")
	for i, step := range []struct {
		up      bool
		failure error
		since   int // minutes
	}{
		{true, nil, 0},
		{true, refused, 0}, // the server works, the answer is of no use
		{false, refused, 2},
		{false, refused, 2}, // since the first of them
		{true, nil, 4},
	} {
		c.Note(start.Add(time.Duration(i)*time.Minute), step.up, step.failure)
		up, known := c.Up()
		require.Equal(t, []bool{step.up, true}, []bool{up, known}, i)
		since, failure := c.Failure()
		require.Equal(t, step.failure, failure, i)
		require.Equal(t, start.Add(time.Duration(step.since)*time.Minute), since, i)
	}
}
