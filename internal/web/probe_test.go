package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestPageSaysThatNothingArrived(t *testing.T) {
	status := fullStatus()
	require.NotContains(t, text(element(t, render(t, status, newHistory(t)), "probe")), "No record was seen")
	status.Probe.NothingArrived = &api.NothingArrived{
		Since: status.At.Add(-31 * time.Second), Records: 4, First: true, Text: "one line",
		Causes: []api.Cause{
			{Text: "the job fails (look at it)", Evidence: []string{"<b>it failed</b>"}}, {Text: "the sink is another (compare)"},
		},
	}
	status.Probe.Round = &api.RoundProgress{Records: 8, Sent: 4, Seen: []api.SeenAtSink{{Sink: "search", Records: 2}}}
	shown := text(element(t, render(t, status, newHistory(t)), "probe"))
	require.Contains(t, shown, "No record was seen at any sink. Does the job accept this payload and pass the seed on? "+
		"4 records sent within the last 31 s. Likely causes: the job fails (look at it) Evidence: <b>it failed</b> the sink is "+
		"another (compare)")
	require.Contains(t, shown, "A round is under way: 4 of 8 records sent, 0 final. search shows 2.")
}

func TestPageSaysThatATimeIsAnUpperBound(t *testing.T) {
	status := fullStatus()
	require.NotContains(t, text(element(t, render(t, status, newHistory(t)), "probe")), "Read by the job")
	status.Probe.IngestedUpperBound = &episode.UpperBound{Count: 8, P50: 7.5, P99: 14, Max: 15, Resolution: 15}
	shown := text(element(t, render(t, status, newHistory(t)), "probe"))
	require.Contains(t, shown, "Read by the job at the latest after: median 7.5 s, p99 14 s, highest 15 s (8 records). "+
		"Upper bounds: each may be up to 15 s too high.")
}

func TestAnAddressIsNotBroken(t *testing.T) {
	status := fullStatus()
	status.Targets[1].Address = "kafka-1:9092, kafka-2:9092"
	page := render(t, status, newHistory(t))
	var whole []string
	for n := range element(t, page, "targets").Descendants() {
		if n.Data == "span" && text(n) != "" && n.Parent.Attr != nil && n.Parent.Attr[0].Val == "address" {
			whole = append(whole, text(n))
		}
	}
	require.Equal(t, []string{"http://f:8081", "kafka-1:9092", "kafka-2:9092"}, whole)
}

func TestPageShowsTheScaleTestThatIsUnderWay(t *testing.T) {
	status := fullStatus()
	require.NotContains(t, text(render(t, status, newHistory(t))), "Scale test")
	status.ScaleTest = &api.ScaleProgress{
		Job: "orders", Run: "r", Label: "<b>bulks</b>", Iteration: 2, Iterations: 5, Intended: 900, Sent: 800,
		Acknowledged: 700, Visible: []api.SeenAtSink{{Sink: "search", Records: 600}}, LatencySeconds: new(0.25),
		LeftSeconds: new(12.0), Throughput: new(110.0),
	}
	shown := text(element(t, render(t, status, newHistory(t)), "scaletest"))
	require.Contains(t, shown, "<b>bulks</b> of run r, through orders")
	require.Contains(t, shown, "iteration 2 of 5.")
	require.Contains(t, shown, "800 of 900 records sent, 700 acknowledged by Kafka. search shows 600.")
	require.Contains(t, shown, "Last iteration: 110 records/s.")
	status.ScaleTest.Doing = "finding the number of records"
	shown = text(element(t, render(t, status, newHistory(t)), "scaletest"))
	require.Contains(t, shown, "finding the number of records.")
}
