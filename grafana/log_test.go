package grafana

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
)

// The line about an annotation says of what it is, and of which job of which cluster.
func TestLineAboutAnAnnotationNamesItsClusterAndJob(t *testing.T) {
	var logged bytes.Buffer
	a := serving(t, &grafanatest.Server{Token: token}, nil, nil)
	a.log = slog.New(slog.NewJSONHandler(&logged, nil))
	about := ep
	about.Alert.Cluster = "prod"
	_, err := a.Notify(t.Context(), about, "one", began, time.Time{})
	require.NoError(t, err)
	var line map[string]any
	require.NoError(t, json.Unmarshal(logged.Bytes(), &line), logged.String())
	require.Equal(t, "Annotated", line["msg"])
	require.Equal(t, about.ID, line["of"])
	require.Equal(t, "prod", line["cluster"])
	require.Equal(t, "orders", line["job"])
	require.Equal(t, "checkpoint-size", line["rule"])
}
