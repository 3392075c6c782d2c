package load

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestGeneratorIsDeterministic(t *testing.T) {
	const first = `{"order_id":"run-00000001","customer_id":"customer-00151","amount":166.4,"currency":"EUR",` +
		`"items":[{"sku":"SKU-0440","quantity":3,"price":9.99},{"sku":"SKU-0986","quantity":3,"price":10.2},` +
		`{"sku":"SKU-0759","quantity":1,"price":105.83}],"note":"","created_at":1795348800000}`
	one, two, other := NewGenerator(3, "run"), NewGenerator(3, "run"), NewGenerator(8, "run")
	key, value, err := one.Record(noon)
	require.NoError(t, err)
	require.Equal(t, "customer-00151", string(key))
	require.Empty(t, cmp.Diff(first, string(value)), "to the byte")
	require.Empty(t, cmp.Diff(first, marshal(t, two.Next(noon))))
	require.NotEqual(t, first, marshal(t, other.Next(noon)))
	for range 1000 {
		require.Equal(t, one.Next(noon), two.Next(noon))
	}
}

func marshal(t *testing.T, order Order) string {
	t.Helper()
	text, err := json.Marshal(order)
	require.NoError(t, err)
	return string(text)
}

func TestOrdersAreRealistic(t *testing.T) {
	const n = 20_000
	generator := NewGenerator(1, "run")
	customers, ids := map[string]int{}, map[string]bool{}
	dear, noted, size := 0, 0, 0
	for range n {
		order := generator.Next(noon)
		customers[order.Customer]++
		ids[order.ID] = true
		sum := 0.0
		for _, item := range order.Items {
			require.Positive(t, item.Quantity)
			require.GreaterOrEqual(t, item.Price, 9.99)
			sum += float64(item.Quantity) * item.Price
		}
		require.InDelta(t, sum, order.Amount, 0.005)
		require.NotEmpty(t, order.Items)
		require.LessOrEqual(t, len(order.Items), 8)
		if order.Amount >= 900 {
			dear++
		}
		if order.Note != "" {
			noted++
		}
		size += len(marshal(t, order))
	}
	require.Len(t, ids, n, "every order has an id of its own")
	busiest := 0
	for _, orders := range customers {
		busiest = max(busiest, orders)
	}
	require.InDelta(t, 0.15, float64(busiest)/n, 0.03, "a hot customer")
	require.Greater(t, len(customers), 1500, "and many others")
	require.InDelta(t, 0.05, float64(dear)/n, 0.01, "orders that raise an alert")
	require.InDelta(t, 0.33, float64(noted)/n, 0.02)
	require.InDelta(t, 350, size/n, 100, "bytes of a record")
}

func TestPacerDue(t *testing.T) {
	hundred := Pacer{Rate: 100, Burst: time.Second}
	for _, tc := range []struct {
		name       string
		pacer      Pacer
		elapsed    time.Duration
		sent       int64
		send, skip int64
	}{
		{"at the start", hundred, 0, 0, 0, 0},
		{"one tick later: 100/s × 20 ms = 2", hundred, 20 * time.Millisecond, 0, 2, 0},
		{"nothing twice", hundred, 20 * time.Millisecond, 2, 0, 0},
		{"a fraction waits: 100/s × 29 ms = 2.9", hundred, 29 * time.Millisecond, 2, 0, 0},
		{"an hour in", hundred, time.Hour, 359_999, 1, 0},
		{"a pause of 0.5 s is caught up", hundred, 10 * time.Second, 950, 50, 0},
		{"of 60 s only one second's worth", hundred, 70 * time.Second, 1000, 100, 5900},
		{"slower than the burst still sends", Pacer{Rate: 0.1, Burst: time.Second}, 10 * time.Second, 0, 1, 0},
		{"one in ten seconds is not early", Pacer{Rate: 0.1, Burst: time.Second}, 9 * time.Second, 0, 0, 0},
		{"rate 0 rests", Pacer{Burst: time.Second}, time.Hour, 0, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			send, skip := tc.pacer.Due(tc.elapsed, tc.sent)
			require.Equal(t, tc.send, send, "send")
			require.Equal(t, tc.skip, skip, "skip")
		})
	}
	require.Equal(t, "100 records/s", hundred.String())
}

// However long the ticks are, the rate over a minute is the rate asked for.
func TestPacerKeepsTheRate(t *testing.T) {
	pacer := Pacer{Rate: 333.3, Burst: time.Second}
	for _, tick := range []time.Duration{
		time.Millisecond, 7 * time.Millisecond, 20 * time.Millisecond,
		900 * time.Millisecond,
	} {
		var sent int64
		for elapsed := time.Duration(0); elapsed <= time.Minute; elapsed += tick {
			send, skip := pacer.Due(elapsed, sent)
			require.Zero(t, skip)
			sent += send
		}
		require.InDelta(t, 333.3*60, sent, 333.3*tick.Seconds()+1, tick.String())
	}
}

// run starts the stream against a broker and returns the broker and a function that
// ends the stream.
func run(t *testing.T, rate float64) (*Stream, *kfake.Cluster, func()) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "orders"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	stream := NewStream(cluster.ListenAddrs(), "orders", 1)
	stream.SetRate(rate)
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- stream.Run(ctx, func() { close(ready) }) }()
	<-ready
	end := func() { cancel(); require.NoError(t, <-ended) }
	return stream, cluster, end
}

func TestStream(t *testing.T) {
	stream, cluster, end := run(t, 500)
	require.Eventually(t, func() bool { return stream.Counts().Acknowledged >= 50 }, 10*time.Second, time.Millisecond)
	require.InDelta(t, 500, stream.SetRate(0), 0)
	end()

	consumer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics("orders"))
	require.NoError(t, err)
	defer consumer.Close()
	counts := stream.Counts()
	require.Zero(t, counts.Dropped)
	require.Equal(t, counts.Made, counts.Acknowledged)
	read := map[string]bool{}
	for len(read) < int(counts.Acknowledged) {
		consumer.PollFetches(t.Context()).EachRecord(func(record *kgo.Record) {
			var order Order
			require.NoError(t, json.Unmarshal(record.Value, &order))
			require.Equal(t, order.Customer, string(record.Key))
			require.InDelta(t, record.Timestamp.UnixMilli(), order.CreatedAt, 5000)
			read[order.ID] = true
		})
	}
}

func TestStreamRestsUntilItHasARate(t *testing.T) {
	stream, _, end := run(t, 0)
	require.Zero(t, stream.Counts())
	require.Zero(t, stream.SetRate(1000))
	require.InDelta(t, 1000, stream.Rate(), 0)
	require.Eventually(t, func() bool { return stream.Counts().Acknowledged > 0 }, 10*time.Second, time.Millisecond)
	end()
}

func TestStreamWithoutABrokerEndsInTime(t *testing.T) {
	stream, cluster, end := run(t, 200)
	require.Eventually(t, func() bool { return stream.Counts().Acknowledged > 0 }, 10*time.Second, time.Millisecond)
	cluster.Close()
	made := stream.Counts().Made
	require.Eventually(t, func() bool { return stream.Counts().Made >= made+100 }, 10*time.Second, time.Millisecond,
		"a broker that is away does not end the stream")
	start := time.Now()
	end()
	require.Less(t, time.Since(start), flushWithin+5*time.Second)
	counts := stream.Counts()
	require.GreaterOrEqual(t, counts.Dropped, int64(100))
	require.Equal(t, counts.Made, counts.Acknowledged+counts.Dropped, "every record made is accounted for")
}
