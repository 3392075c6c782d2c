package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A second start finds what the first one made.
func TestTopicsAndIndexAreMadeOnce(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	require.NoError(t, err)
	defer cluster.Close()
	made := 0
	elastic := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && made == 0 {
			w.WriteHeader(http.StatusNotFound)
		}
		if r.Method == http.MethodPut {
			made++
		}
	}))
	defer elastic.Close()
	for range 2 {
		require.NoError(t, makeTopics(t.Context(), cluster.ListenAddrs()))
		require.NoError(t, makeIndex(t.Context(), elastic.URL))
	}
	require.Equal(t, 1, made)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	require.NoError(t, err)
	defer client.Close()
	topics, err := kadm.NewClient(client).ListTopics(t.Context())
	require.NoError(t, err)
	require.Len(t, topics, len(partitions))
}
