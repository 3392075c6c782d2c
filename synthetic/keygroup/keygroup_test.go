package keygroup

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAsFlink compares with what Flink 2.3.0 computed: testdata/KeyGroups.java.
func TestAsFlink(t *testing.T) {
	file, err := os.Open("testdata/keygroups.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"key", "hash_code", "murmur", "max_parallelism", "parallelism", "key_group", "subtask"}, rows[0])
	require.Len(t, rows[1:], 368)
	for _, row := range rows[1:] {
		var n [6]int
		for i, text := range row[1:] {
			n[i], err = strconv.Atoi(text)
			require.NoError(t, err)
		}
		l := Layout{Parallelism: n[3], MaxParallelism: n[2]}
		require.EqualValues(t, n[0], javaHash(row[0]), row)
		require.EqualValues(t, n[1], murmur(int32(n[0])), row)
		require.Equal(t, n[4], l.group(row[0]), row)
		require.Equal(t, n[5], l.Subtask(row[0]), row)
	}
}

func TestAKeyForEachSubtask(t *testing.T) {
	for _, l := range []Layout{{1, 1}, {1, 128}, {4, 128}, {128, 128}, {7, 256}, {480, 720}, {1000, 32768}} {
		keys, err := l.Keys("flink-sidecar")
		require.NoError(t, err)
		require.Len(t, keys, l.Parallelism)
		for subtask, key := range keys {
			require.Equal(t, subtask, l.Subtask(key), key)
		}
	}
}

func TestLayoutsThatFlinkRefuses(t *testing.T) {
	for _, l := range []Layout{{}, {0, 128}, {129, 128}, {1, 0}, {1, 1<<15 + 1}, {-1, 128}} {
		_, err := l.Keys("k")
		require.ErrorContains(t, err, "are not a layout of Flink")
	}
}
