// Command sample is what the sample job of the compose file needs around it: it makes the
// topics and the index, sends orders, and is the customer service that the job calls.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/load"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/lookup"
)

const (
	sourceTopic   = "orders"
	lookupAddress = ":8090"
	indexName     = "orders"
	// indexDefinition: dynamic is off, because an unexpected field would be refused for ever.
	indexDefinition = `{"settings": {"number_of_replicas": 0, "refresh_interval": "1s"}, "mappings": {
		"dynamic": false, "properties": {"seed": {"type": "keyword"}, "order_id": {"type": "keyword"},
		"customer_id": {"type": "keyword"}, "ingested_at": {"type": "date"}}}}`
)

// partitions are those of each topic.
var partitions = map[string]int32{sourceTopic: 4, "orders-enriched": 2, "orders-alerts": 2}

func main() {
	brokers := flag.String("brokers", "127.0.0.1:9092", "HOST:PORT of the brokers, with commas between")
	elastic := flag.String("elasticsearch", "http://127.0.0.1:9200", "address of Elasticsearch")
	rate := flag.Float64("rate", 100, "orders per second")
	check := flag.Bool("check", false, "exit with 0 if the service in this container is ready")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *check {
		err = send(ctx, http.MethodGet, "http://127.0.0.1"+lookupAddress+"/customers/ready", "")
	} else {
		err = run(ctx, strings.Split(*brokers, ","), *elastic, *rate)
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "sample:", err)
		os.Exit(1) //nolint:gocritic // the process ends, and with it what stop would undo
	}
}

// run serves the customers last: who finds them finds the topics and the index.
func run(ctx context.Context, brokers []string, elastic string, rate float64) error {
	if err := makeTopics(ctx, brokers); err != nil {
		return err
	}
	if err := makeIndex(ctx, elastic); err != nil {
		return err
	}
	stream := load.NewStream(brokers, sourceTopic, 1)
	stream.SetRate(rate)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return stream.Run(ctx, func() {}) })
	group.Go(func() error { return lookup.New(lookup.DefaultDelay).Run(ctx, lookupAddress, func() {}) })
	return group.Wait()
}

func makeTopics(ctx context.Context, brokers []string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		return err
	}
	defer client.Close()
	for topic, n := range partitions {
		_, err := kadm.NewClient(client).CreateTopic(ctx, n, 1, nil, topic)
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("topic %s: %w", topic, err)
		}
	}
	return nil
}

func makeIndex(ctx context.Context, elastic string) error {
	address := strings.TrimRight(elastic, "/") + "/" + indexName
	if send(ctx, http.MethodHead, address, "") == nil {
		return nil
	}
	return send(ctx, http.MethodPut, address, indexDefinition)
}

// send makes a request; an answer other than 200 is an error.
func send(ctx context.Context, method, url, body string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s answered %s", method, url, answer.Status)
	}
	return nil
}
