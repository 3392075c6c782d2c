package kafka

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

func TestSeedsOfPrefersTheHeader(t *testing.T) {
	const seedA, seedB = "fsp-01J0000000000000000000000A-0", "fsp-01J0000000000000000000000A-12"
	header := []kgo.RecordHeader{{Key: "trace", Value: []byte("x")}, {Key: payload.SeedHeader, Value: []byte(seedB)}}
	require.Equal(t, []string{seedB}, seedsOf(&kgo.Record{Headers: header, Value: []byte(seedA)}))
	require.Equal(t, []string{seedA}, seedsOf(&kgo.Record{Key: []byte(seedB), Value: []byte(seedA)}))
	require.Equal(t, []string{seedB}, seedsOf(&kgo.Record{Key: []byte(seedB), Value: []byte("compressed")}))
	require.Empty(t, seedsOf(&kgo.Record{}))
}
