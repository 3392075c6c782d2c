package collector

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConnectorsInTheClassPath(t *testing.T) {
	require.Equal(t, []string{"flink-connector-files-2.3.0", "flink-sql-connector-kafka-4.0.1-2.0"}, connectorsIn([]string{
		"/opt/flink/lib/flink-sql-connector-kafka-4.0.1-2.0.jar", "/opt/flink/lib/flink-dist-2.3.0.jar",
		"/opt/flink/lib/flink-connector-files-2.3.0.jar", "/opt/flink/usrlib/flink-connector-files-2.3.0.jar",
	}))
	require.NotNil(t, connectorsIn(nil), "none is an answer")
}
