package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestScreenOnATerminal(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, width: func() int { return 12 }, now: time.Now}
	s.Show("job RUNNING and more", "p50")
	require.Equal(t, "\r\x1b[K"+"job RUNNING\np50", out.String(), "cut to what fits")

	out.Reset()
	s.Show("x")
	require.Equal(t, "\r\x1b[K\x1b[A\x1b[K"+"x", out.String(), "two lines go, one comes")

	out.Reset()
	_, err := s.Write([]byte("kafka: died\n"))
	require.NoError(t, err)
	require.Equal(t, "\r\x1b[K"+"kafka: died\n"+"x", out.String(), "events stay above")
}

func TestScreenElsewhere(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := newScreen(&out)
	s.now = func() time.Time { return now }
	s.Show("a", "b")
	now = now.Add(9 * time.Second)
	s.Show("c", "d")
	_, err := s.Write([]byte("kafka: died\n"))
	require.NoError(t, err)
	now = now.Add(time.Second)
	s.Show("e")
	require.Equal(t, "a; b\nkafka: died\ne\n", out.String())
}
