package scaletest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// fault is something wrong with the servers, the job or the plan.
type fault struct {
	behaviour pipelinetest.Behaviour
	// change spoils the stack before the test, meanwhile while it runs.
	change    func(*pipelinetest.Stack, *scaletest.Options)
	meanwhile func(*pipelinetest.Stack)
	// want is in the error or in the reason of the result.
	want    string
	verdict scalerun.Verdict // of a test that began
	cluster []kfake.Opt
}

func TestBadInput(t *testing.T) {
	for name, f := range map[string]fault{
		"topic missing": {
			change: func(_ *pipelinetest.Stack, o *scaletest.Options) { o.Probe.Topic = "none" },
			want:   `topic "none" does not exist (create it, or correct probe.topic)`,
		},
		"sink topic missing": {
			change: func(_ *pipelinetest.Stack, o *scaletest.Options) { o.Sinks[0].Kafka = &kafka.SinkConfig{Topic: "none"} },
			want:   `sink enriched: kafka: topic "none" does not exist`,
		},
		"directory missing": {
			change: func(_ *pipelinetest.Stack, o *scaletest.Options) {
				o.Sinks[0] = sinks.Config{Name: "archive", Files: &files.SinkConfig{Directory: "none"}}
			},
			want: `sink archive: files: directory "none" does not exist (create it, or correct sinks[name=archive]`,
		},
		"index missing": {
			change: func(s *pipelinetest.Stack, _ *scaletest.Options) {
				s.Elastic.Set(func(s *elasticsearchtest.Server) { s.Index = "other" })
			},
			want: `index "orders" does not exist`,
		},
		"seed is text": {
			change: func(s *pipelinetest.Stack, _ *scaletest.Options) {
				s.Elastic.Set(func(s *elasticsearchtest.Server) {
					s.Indices["orders"] = &elasticsearchtest.Mapping{Type: "text"}
				})
			},
			want: "map it as keyword",
		},
		"index is not refreshed": {
			change: func(s *pipelinetest.Stack, _ *scaletest.Options) {
				s.Elastic.Set(func(s *elasticsearchtest.Server) { s.RefreshInterval = "-1" })
			},
			want: "set index.refresh_interval to 1s",
		},
		"template without JSON": {
			change: func(_ *pipelinetest.Stack, o *scaletest.Options) { o.Probe.Template = `{"a":{{.Seed}}` },
			want:   "is not JSON",
		},
		"template that does not parse": {
			change: func(_ *pipelinetest.Stack, o *scaletest.Options) { o.Probe.Template = `{{.Sed}}` },
			want:   "can't evaluate field Sed",
		},
		"records too large": {
			change: func(_ *pipelinetest.Stack, o *scaletest.Options) {
				o.Probe.Template = `{"seed":"{{.Seed}}","x":"` + strings.Repeat("x", 1<<20-200) + `"}`
			},
			cluster: []kfake.Opt{kfake.BrokerConfigs(map[string]string{"message.max.bytes": "1000"})},
			want:    "make the payload smaller", verdict: scalerun.Aborted,
		},
		"job drops the seed": {
			behaviour: pipelinetest.Behaviour{Fate: func(int) pipelinetest.Fate { return pipelinetest.Fate{NoSeed: true} }},
			want:      "without its seeds: the job drops the seed", verdict: scalerun.Aborted,
		},
		"job drops everything": {
			behaviour: pipelinetest.Behaviour{Fate: func(int) pipelinetest.Fate { return pipelinetest.Fate{Lost: true} }},
			want:      "no sink shows any record of the test within 10s", verdict: scalerun.Aborted,
		},
		"Elasticsearch gone": {
			meanwhile: func(s *pipelinetest.Stack) { s.Network.Cut("localhost:19200") },
			want:      "does not answer", verdict: scalerun.Aborted,
		},
		"brokers gone": {
			meanwhile: func(s *pipelinetest.Stack) { s.Network.Cut("localhost:19092") },
			want:      "sink enriched: kafka: no broker answers", verdict: scalerun.Aborted,
		},
		"no right to write": {
			change: func(s *pipelinetest.Stack, _ *scaletest.Options) {
				s.Cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
					s.Cluster.KeepControl()
					return unauthorised(r)
				})
			},
			want: `not authorised to write to "orders" (grant WRITE and DESCRIBE on the topic`, verdict: scalerun.Aborted,
		},
		"history full": {
			change: func(_ *pipelinetest.Stack, o *scaletest.Options) { o.Keep = full },
			want:   "no space left", verdict: scalerun.Aborted,
		},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, f.run) })
	}
}

func (f fault) run(t *testing.T) {
	stack := pipelinetest.Start(t, f.behaviour, f.cluster...)
	options := stack.Options(scaletest.Plan{Rate: 20, Records: 100})
	if f.change != nil {
		f.change(stack, &options)
	}
	run, err := scaletest.Open(options)
	if err != nil {
		require.ErrorContains(t, err, f.want)
		return
	}
	defer run.Close()
	if f.meanwhile != nil {
		timer := time.AfterFunc(2*time.Second, func() { f.meanwhile(stack) })
		defer timer.Stop()
	}
	result, err := run.Run(t.Context())
	if f.verdict == "" {
		require.ErrorContains(t, err, f.want)
		return
	}
	text := result.Reason
	if err != nil {
		text += err.Error()
	}
	require.Contains(t, text, f.want)
	require.Equal(t, f.verdict, result.Verdict)
}

// unauthorised answers a request to produce as brokers do whose rights forbid it.
func unauthorised(r kmsg.Request) (kmsg.Response, error, bool) {
	request := r.(*kmsg.ProduceRequest)
	answer := request.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range request.Topics {
		t := kmsg.NewProduceResponseTopic()
		t.Topic, t.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode = partition.Partition, kerr.TopicAuthorizationFailed.Code
			t.Partitions = append(t.Partitions, p)
		}
		answer.Topics = append(answer.Topics, t)
	}
	return answer, nil, true
}

// TestAJobThatRewritesTheKey is measured all the same: the payload and the header have the seed.
func TestAJobThatRewritesTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runAlone(t, func(int) pipelinetest.Fate { return pipelinetest.Fate{NewKey: true} })
		it := r.Iterations[0]
		require.Equal(t, scalerun.OK, r.Verdict)
		require.Zero(t, it.Lost+it.Duplicates)
		for name, sink := range it.Sinks {
			require.EqualValues(t, 100, sink.Seen, name)
		}
	})
}

// TestAClockThatIsSetDuringATest: the latencies of our own clock stay right. Those to the stamps
// are left out: half of them would be an hour too long.
func TestAClockThatIsSetDuringATest(t *testing.T) {
	for name, tc := range map[string]struct {
		fate func(int) pipelinetest.Fate
		note string
	}{
		"forward": {func(i int) pipelinetest.Fate {
			return pipelinetest.Fate{ClockAhead: time.Duration(i/50) * time.Hour}
		}, "contradict each other by 3"},
		"backward": {func(i int) pipelinetest.Fate {
			return pipelinetest.Fate{ClockAhead: -time.Duration(i/50) * time.Hour}
		}, "contradict each other by 3"},
		"an hour ahead all the time": {func(int) pipelinetest.Fate {
			return pipelinetest.Fate{ClockAhead: time.Hour}
		}, "the clock of the stamps differs from this one by 3"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				it := runAlone(t, tc.fate).Iterations[0]
				require.Contains(t, strings.Join(it.Notes, "\n"), tc.note)
				for sink, at := range it.Sinks {
					require.Less(t, *at.Latency.Max, 2.0, sink)
				}
				search := it.Sinks["search"]
				if strings.Contains(tc.note, "contradict") {
					require.Nil(t, search.Ingested)
					require.Nil(t, search.Indexed)
					require.Nil(t, search.Stamps)
					require.Nil(t, search.ClockOffset)
					return
				}
				require.InDelta(t, 3600, search.ClockOffset.Low, 2)
				require.InDelta(t, 3600, search.ClockOffset.High, 2)
				require.Less(t, *search.Stamps.Max, 2.0, "both stamps are of one clock")
			})
		})
	}
}

// runAlone runs a test of one iteration of 100 records in 5 s.
func runAlone(t *testing.T, fate func(int) pipelinetest.Fate) scalerun.Test {
	t.Helper()
	stack := pipelinetest.Start(t, pipelinetest.Behaviour{Fate: fate})
	run, err := scaletest.Open(stack.Options(scaletest.Plan{Rate: 20, Records: 100}))
	require.NoError(t, err)
	defer run.Close()
	r, err := run.Run(t.Context())
	require.NoError(t, err)
	return r
}

func full(_ context.Context, _ scalerun.Test) error { return errors.New("no space left on device") }

// TestServerThatRefusesTheRight answers every search with 403.
func TestServerThatRefusesTheRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{})
		stack.Elastic.Set(func(s *elasticsearchtest.Server) {
			s.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
				elasticsearchtest.Error(w, http.StatusForbidden, "security_exception", "action is unauthorized")
				return true
			}
		})
		run, err := scaletest.Open(stack.Options(scaletest.Plan{Records: 10}))
		require.NoError(t, err)
		defer run.Close()
		_, err = run.Run(t.Context())
		require.ErrorContains(t, err, "grant the index privileges read")
	})
}

// TestAnIndexThatRefusesToCount answers counts with 429 from some time on. The reading of the
// documents makes up for it, and a note says how exact the times are.
func TestAnIndexThatRefusesToCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{Fate: func(int) pipelinetest.Fate {
			return pipelinetest.Fate{Delay: 500 * time.Millisecond}
		}})
		run, err := scaletest.Open(stack.Options(scaletest.Plan{Rate: 20, Records: 100}))
		require.NoError(t, err)
		defer run.Close()
		began := time.Now()
		stack.Elastic.Set(func(s *elasticsearchtest.Server) {
			s.Answer = func(w http.ResponseWriter, r *http.Request) bool {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				if time.Since(began) < 4*time.Second || !bytes.Contains(body, []byte(`"size":0`)) ||
					bytes.Contains(body, []byte(`"aggs"`)) {
					return false
				}
				elasticsearchtest.Error(w, http.StatusTooManyRequests, "circuit_breaking_exception", "Data too large")
				return true
			}
		})
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		it := r.Iterations[0]
		require.EqualValues(t, 100, it.Sinks["search"].Seen)
		require.Zero(t, it.Lost)
		require.Contains(t, strings.Join(it.Notes, "\n"), "search: its documents were not counted for")
		require.Greater(t, *it.Sinks["search"].ToAllSeconds, 5.0, "the last documents came after the last count")
	})
}
