package stack

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
)

// Ports are the ports of the services, all on loopback. A service keeps its port when it
// is restarted. Zero means: choose a free one.
type Ports struct {
	Flink                  int // the JobManager's REST API and page
	JobManagerRPC          int
	JobManagerBlobs        int
	JobManagerMetrics      int // Prometheus reporter
	TaskManagerMetrics     [2]int
	Kafka                  int
	KafkaController        int
	Elasticsearch          int // HTTP
	ElasticsearchTransport int
	Prometheus             int
	Alertmanager           int
	Grafana                int // the stand-in for it
	Lookup                 int
	Sidecar                int // for a program beside the stack
}

func (p *Ports) all() []*int {
	return []*int{
		&p.Flink, &p.JobManagerRPC, &p.JobManagerBlobs, &p.JobManagerMetrics,
		&p.TaskManagerMetrics[0], &p.TaskManagerMetrics[1],
		&p.Kafka, &p.KafkaController, &p.Elasticsearch, &p.ElasticsearchTransport,
		&p.Prometheus, &p.Alertmanager, &p.Grafana, &p.Lookup, &p.Sidecar,
	}
}

// assign checks the requested ports and chooses the others.
func (p *Ports) assign() error {
	asked := map[int]bool{}
	for _, port := range p.all() {
		if *port == 0 {
			continue
		}
		if asked[*port] {
			return fmt.Errorf("port %d was given to two services", *port)
		}
		asked[*port] = true
		if err := ports.Check(*port); err != nil {
			return err
		}
	}
	// More than needed, because a requested port may be among the free ones.
	free, err := ports.Free(len(p.all()))
	if err != nil {
		return err
	}
	for _, port := range p.all() {
		for *port == 0 {
			if !asked[free[0]] {
				*port = free[0]
			}
			free = free[1:]
		}
	}
	return nil
}
