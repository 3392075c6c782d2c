package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// intoMine follows IntoTask, as the pairs of evidencetest.Tasks do.
var intoMine = evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] + ";"

// Of 100 waits 70 begin in the user's code, 60 of them for one class.
func contended(t *testing.T) evidence.Profile {
	return evidencetest.Tasks(t, "LOCK",
		intoMine+"com/acme/orders/Client.ask;com.acme.orders.Client", 60,
		intoMine+"com/acme/orders/Cache.get;java/util/concurrent/locks/ReentrantLock.lock;"+
			"java.util.concurrent.locks.ReentrantLock$NonfairSync", 10,
		"org/apache/flink/connector/base/source/reader/SourceReaderBase.pollNext;"+
			"java.util.concurrent.locks.ReentrantLock$NonfairSync", 30)
}

func TestLocksOfTheUsersCode(t *testing.T) {
	says := "70 of 100 waits for locks of task threads begin in the code of the job, 60 of them in " +
		"com.acme.orders.Client.ask for a lock of class com.acme.orders.Client."
	t.Run("alone", func(t *testing.T) {
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{contended(t)}})
		f := found(t, adv, cause.LockContention)
		require.Nil(t, f.Impact, "a count of waits is no time")
		require.Equal(t, episode.Info, f.Severity)
		require.Contains(t, f.Why, says)
		require.Equal(t, "com.acme.orders.Client", entry(t, adv, f.Evidence[0]).Subject)
	})
	t.Run("beside a clock", func(t *testing.T) {
		wall := evidencetest.Tasks(t, "WALL", append(evidencetest.Flat(200),
			intoMine+"com/acme/orders/Client.ask;__futex_abstimed_wait_common", 300)...)
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{wall, contended(t)}})
		f := found(t, adv, cause.LockContention)
		require.Equal(t, "60.0 % of the busy time of the tasks goes into waiting for locks, below com.acme.orders.Client.ask", f.Title)
		require.Contains(t, f.Why, "com.acme.orders.Client.ask is in 300 of 500 samples of task threads at work.")
		require.Contains(t, f.Why, says)
		require.InDelta(t, 92.3, f.Impact.HighPercent, 1e-9, "1/(1 - 0.6 x 0.8) - 1")
	})
	t.Run("Flink's own", func(t *testing.T) {
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "LOCK",
			"org/apache/flink/connector/base/source/reader/SourceReaderBase.pollNext;java.lang.Object", 900,
			intoMine+"com.acme.orders.Client", 40)}})
		require.Empty(t, adv.Findings)
		require.Contains(t, adv.Observations,
			"40 of 940 waits for locks of task threads begin in the code of the job; the others are of Flink and of libraries.")
	})
}

func TestBoxedNumbersShowInAllocations(t *testing.T) {
	alloc := evidencetest.Tasks(t, "ALLOC",
		intoMine+"com/acme/orders/Sum.add;java.lang.Long", 45,
		"org/apache/flink/streaming/runtime/io/StreamTaskNetworkInput.step;java.lang.Integer", 15,
		"org/apache/flink/streaming/runtime/io/StreamTaskNetworkInput.step;byte[]", 140)
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{alloc}})
	f := found(t, adv, cause.BoxingAllocation)
	require.Equal(t, "30.0 % of the sampled allocations of task threads are boxed numbers, most of the job's own in "+
		"com.acme.orders.Sum.add", f.Title)
	require.Contains(t, f.Why, "60 of 200 sampled allocations of task threads are boxed numbers, 45 of them java.lang.Long "+
		"in com.acme.orders.Sum.add.")
	require.Equal(t, "140 of 200 allocations of task threads are in byte[]", entry(t, adv, f.Evidence[0]).Text)
	require.Contains(t, adv.Observations, "140 of 200 sampled allocations of task threads are byte[].")
}

// The advice about a collector follows from its threads and from what is allocated.
func TestCollectorAndAllocationsAreNamed(t *testing.T) {
	itimer := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(200),
		"!start_thread;GCTaskThread::run();PSPromotionManager::drain_stacks_depth(bool)", 100)...)
	alloc := evidencetest.Tasks(t, "ALLOC", intoMine+"com/acme/orders/Sum.add;java.util.HashMap$Node", 80,
		intoMine+"com/acme/orders/Sum.add;byte[]", 20)
	adv := Rules(evidence.Bundle{
		Profiles: []evidence.Profile{itimer, alloc}, Processes: []evidence.Process{{ID: "tm1", GC: new(0.2)}},
		Config: map[string]string{"pipeline.object-reuse": "true"},
	})
	f := found(t, adv, cause.GCPressure)
	require.Contains(t, f.Why, "com.acme.orders.Sum.add allocates 80 of 100 sampled objects as java.util.HashMap$Node.")
	require.Contains(t, f.Change, "The collector is the parallel collector: with several processors choose G1")
	require.NotContains(t, f.Change, "object-reuse", "it is on")
	require.NotContains(t, f.Change, "an ALLOC profile shows", "it was taken")
}

// The method that boxes most and takes the most time for no other cause is one finding.
func TestBoxingIsLinkedToItsMethod(t *testing.T) {
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{
		evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(200), intoMine+"com/acme/orders/Sum.add", 600)...),
		evidencetest.Tasks(t, "ALLOC", intoMine+"com/acme/orders/Sum.add;java.lang.Long", 80,
			intoMine+"com/acme/orders/Sum.add;byte[]", 20),
	}})
	f := adv.Findings[0]
	require.Equal(t, cause.BoxingAllocation, f.Category)
	require.Equal(t, "com.acme.orders.Sum.add boxes numbers, and takes 75.0 % of the CPU time of the tasks", f.Title)
	require.Contains(t, f.Why, "80 of 100 objects that it allocates are boxed numbers.")
	require.Contains(t, f.Why, "assumes that a change removes 10 to 50 % of it")
	require.InDelta(t, 60, f.Impact.HighPercent, 1e-9, "1/(1 - 0.75 x 0.5) - 1")
	for _, other := range adv.Findings {
		require.NotEqual(t, "rule:own-code", other.Source, "it is the same method")
	}
}
