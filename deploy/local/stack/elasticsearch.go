package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

const index = "orders"

// timestampPipeline adds to each document the time at which Elasticsearch got it.
const timestampPipeline = `{"processors":[{"set":{"field":"arrived_at","value":"{{_ingest.timestamp}}"}}]}`

// indexDefinition: dynamic is off because otherwise one unexpected document would be
// refused for ever and the job restart for ever; no replicas because one node cannot hold
// any; and an explicit refresh interval, even the default, keeps refreshing an index
// without searches.
const indexDefinition = `{
  "settings": {
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "refresh_interval": "1s",
    "default_pipeline": "timestamp"
  },
  "mappings": {
    "dynamic": false,
    "properties": {
      "seed": {"type": "keyword"},
      "order_id": {"type": "keyword"},
      "customer_id": {"type": "keyword"},
      "amount": {"type": "double"},
      "ingested_at": {"type": "date"},
      "indexed_at": {"type": "date"},
      "arrived_at": {"type": "date"}
    }
  }
}`

// elasticsearch is one node with one index.
func (s *Stack) elasticsearch() supervisor.Service {
	row := s.Row("elasticsearch", s.ports.Elasticsearch)
	row.Prepare = func(ctx context.Context) error {
		_, err := s.shelf.get(ctx, "elasticsearch")
		return err
	}
	row.Launch = s.launchElasticsearch
	row.Ready = s.lookAtHealth
	row.Settle = s.createIndex
	return row
}

func (s *Stack) launchElasticsearch(ctx context.Context) (*process.Process, error) {
	build, err := s.shelf.get(ctx, "elasticsearch")
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		s.layout.Write("elasticsearch/config/elasticsearch.yml", s.elasticsearchConfig()),
		s.layout.Write("elasticsearch/config/log4j2.properties", consoleLog),
	)
	if err != nil {
		return nil, err
	}
	return process.Start(s.Spec("elasticsearch", []string{
		s.jdk.Java(), serial, quick, "-Xms256m", "-Xmx256m", "-cp", build + "/lib/*",
		"org.flinksidecar.local.ElasticsearchNode", s.layout.In("elasticsearch"), build + "/modules",
	}))
}

func (s *Stack) elasticsearchConfig() string {
	return fmt.Sprintf(`cluster.name: local
node.name: local
network.host: 127.0.0.1
http.port: %d
transport.port: %d
discovery.type: single-node
# A nearly full disk of a developer is no reason to refuse ten documents.
cluster.routing.allocation.disk.threshold_enabled: false
# The limit on memory in use counts garbage too, and only G1 is made to collect it: with the serial
# collector a node that reached the limit would refuse every request from then on.
indices.breaker.total.use_real_memory: false
`, s.ports.Elasticsearch, s.ports.ElasticsearchTransport)
}

// lookAtHealth reads the health of the cluster: after a restart GET / answers well before
// the shards do.
func (s *Stack) lookAtHealth(ctx context.Context) error {
	var health struct {
		Status string `json:"status"`
	}
	if err := fetch(ctx, http.MethodGet, httpURL(s.ports.Elasticsearch)+"/_cluster/health", "", &health); err != nil {
		return err
	}
	if health.Status != "green" && health.Status != "yellow" {
		return fmt.Errorf("cluster health is %s", health.Status)
	}
	return nil
}

// createIndex creates the ingest pipeline, which may be repeated, and the index, if it
// does not exist.
func (s *Stack) createIndex(ctx context.Context) error {
	url := httpURL(s.ports.Elasticsearch)
	if err := fetch(ctx, http.MethodPut, url+"/_ingest/pipeline/timestamp", timestampPipeline, nil); err != nil {
		return err
	}
	err := fetch(ctx, http.MethodPut, url+"/"+index, indexDefinition, nil)
	var status *statusError
	if errors.As(err, &status) && strings.Contains(status.text, "resource_already_exists_exception") {
		return nil
	}
	return err
}
