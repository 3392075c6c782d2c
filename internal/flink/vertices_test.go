package flink

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// answering is a client of a server that always gives this answer.
func answering(t *testing.T, text string) (client *Client, paths *[]string) {
	t.Helper()
	paths = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*paths = append(*paths, r.URL.Path)
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	cfg := DefaultConfig()
	cfg.URL = server.URL
	client, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client, paths
}

func TestVertex(t *testing.T) {
	client, paths := answering(t, `{"id":"v","now":5000,"subtasks":[
		{"subtask":0,"status":"RUNNING","attempt":2,"taskmanager-id":"tm1","duration":4000,
		 "metrics":{"read-records":7,"read-records-complete":true,"write-records":3,"write-records-complete":false,"accumulated-busy-time":1500.0}},
		{"subtask":1,"status":"SCHEDULED","attempt":0,"taskmanager-id":"(unassigned)","duration":-1,
		 "metrics":{"read-records":0,"read-records-complete":false,"accumulated-busy-time":"NaN"}},
		{"subtask":2,"metrics":{}}]}`)
	details, err := client.Vertex(t.Context(), "j", "v")
	require.NoError(t, err)
	require.Equal(t, []string{"/jobs/j/vertices/v"}, *paths)
	require.Equal(t, Millis(5000), details.Now)
	require.Equal(t, Subtask{
		Index: 0, Status: "RUNNING", Attempt: 2, TaskManager: "tm1", Duration: 4000,
		IO: SubtaskIO{RecordsIn: new(7.0), BusySeconds: new(1.5)},
	}, details.Subtasks[0], "a count that is not complete is not known")
	require.Equal(t, SubtaskIO{}, details.Subtasks[1].IO)
	require.Equal(t, SubtaskIO{}, details.Subtasks[2].IO)

	_, err = client.Vertex(t.Context(), "j", "..")
	require.EqualError(t, err, `flink: /jobs/:jobid/vertices/:vertexid: ".." is not an id (use one that Flink listed)`)
}

func TestVertexCheckpoint(t *testing.T) {
	client, paths := answering(t, `{"state_size":100,"checkpointed_size":40,"summary":{
		"checkpoint_duration":{"sync":{"max":85},"async":{"max":"NaN"}},"alignment":{"duration":{"max":-1}},"start_delay":{"max":47}}}`)
	got, err := client.VertexCheckpoint(t.Context(), "j", 17, "v")
	require.NoError(t, err)
	require.Equal(t, []string{"/jobs/j/checkpoints/details/17/subtasks/v"}, *paths)
	require.Equal(t, VertexCheckpoint{
		StateBytes: 100, CheckpointedBytes: 40, Sync: new(0.085),
		StartDelay: new(0.047),
	}, got)
}
