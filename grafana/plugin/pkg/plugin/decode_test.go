package plugin

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// TestDecodersAgree: the plugin's decoder reads what the sidecar sends as encoding/json does.
func TestDecodersAgree(t *testing.T) {
	w := filled(t)
	importRows(t, w)
	for path, into := range map[string]any{
		"status": api.Status{}, "episodes": api.EpisodeList{}, "episodes/" + idAt(1): episode.Episode{},
		"findings": api.FindingList{}, "profiles": api.ProfileList{}, "measurements": api.MeasurementList{},
		"probe/records": api.RecordList{}, "scaletests": api.ScaleTestList{}, "trends": api.TrendList{},
		"epochs": api.EpochList{}, "profiles/hot/tree": flame.NestedSet{},
	} {
		text := w.raw(t, path)
		quick, plain := reflect.New(reflect.TypeOf(into)), reflect.New(reflect.TypeOf(into))
		require.NoError(t, decoder.Unmarshal(text, quick.Interface()), path)
		require.NoError(t, json.Unmarshal(text, plain.Interface()), path)
		require.Equal(t, plain.Interface(), quick.Interface(), path)
		require.NotEqual(t, into, plain.Elem().Interface(), "%s is empty: %s", path, text)
	}
}

// raw is an answer of the sidecar.
func (w *world) raw(t *testing.T, path string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		w.context.DataSourceInstanceSettings.URL+api.Prefix+"/"+path, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s: %s", path, text)
	return text
}
