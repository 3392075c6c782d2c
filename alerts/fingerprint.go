package alerts

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// fingerprint identifies a firing rule. It is stable across restarts of the sidecar.
func fingerprint(rule string, l snapshot.Labels) string {
	hash := fnv.New64a()
	for _, part := range []string{rule, l.Cluster, l.Job, l.Vertex, l.Process} {
		fmt.Fprint(hash, part, "\x1f")
	}
	return strconv.FormatUint(hash.Sum64(), 16)
}
