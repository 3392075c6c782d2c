package scaletest_test

import (
	"bytes"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

func TestOnlyAllowedPlacesAreReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := pipelinetest.Start(t, pipelinetest.Behaviour{}).Options(scaletest.Plan{})
		permitted := func(cluster string, iKnow bool) error {
			return scaletest.Permitted(o.Config, o.Probe, o.Sinks, cluster, iKnow)
		}
		require.NoError(t, permitted("lab", false))
		for _, name := range []string{"prod", "eu-production-2", "PROD_eu"} {
			require.ErrorContains(t, permitted(name, false), "--i-know", name)
			require.NoError(t, permitted(name, true), name)
		}
		require.NoError(t, permitted("product-lab", false))
		o.Config.Production = []string{"lab"}
		require.ErrorContains(t, permitted("lab", false), `cluster "lab" is production`)

		o.Config.Allow = scaletest.Allow{Topics: []string{"orders"}}
		require.EqualError(t, permitted("x", false), "the records of the test would reach topic orders-enriched, "+
			"orders-alerts and index orders, which scaletest.allow does not list (add: scaletest: {allow: "+
			"{topics: [orders, orders-enriched, orders-alerts], indices: [orders]}})")

		o.Config.Allow.Topics = []string{"orders", "orders-enriched", "orders-alerts"}
		o.Config.Allow.Indices = []string{"orders"}
		o.Sinks = append(o.Sinks, sinks.Config{Name: "archive", Files: &files.SinkConfig{Directory: "/mnt/out"}})
		require.EqualError(t, permitted("x", false), "the records of the test would reach directory /mnt/out, which "+
			"scaletest.allow does not list (add: scaletest: {allow: {topics: [orders, orders-enriched, orders-alerts], indices: "+
			"[orders], directories: [/mnt/out]}})")
		o.Config.Allow.Directories = []string{"/mnt/out/"}
		require.NoError(t, permitted("x", false))
	})
}

func TestDryRunSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{})
		o := stack.Options(scaletest.Plan{Records: 100, Iterations: 3, Rate: 50})
		var out bytes.Buffer
		require.NoError(t, scaletest.Describe(&out, o))
		for _, want := range []string{
			"nothing is sent", "topic orders at", "3 iterations of 100 records at 50 records/s for 2s", "at most     300 records",
			"search: index orders: counted, then deleted by seed", "grows by up to 300 keys", `{"order_id":"fsp-`,
		} {
			require.Contains(t, out.String(), want)
		}
		require.Zero(t, stack.Elastic.Searched())
	})
}

// TestDryRunNamesTheLoad has each way to choose it.
func TestDryRunNamesTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{})
		for want, plan := range map[string]scaletest.Plan{
			"1 iteration of 100 records as fast as": {Records: 100},
			"at most     20000 records of about":    {Records: 1000, Iterations: 2, Tests: 10},
			"on each of 10 deployments\n":           {Records: 1000, Iterations: 2, Tests: 10},
			"grows by up to 20000 keys":             {Records: 1000, Iterations: 2, Tests: 10},
			"5 iterations, steady at 500 records/s, each for 5s or 30 times the refresh interval: 3250 records or more": {
				Rate: 500, Iterations: 5,
			},
		} {
			var out bytes.Buffer
			require.NoError(t, scaletest.Describe(&out, stack.Options(plan)))
			require.Contains(t, out.String(), want)
		}
	})
}

func TestPlansThatMakeNoSense(t *testing.T) {
	good := scaletest.Plan{Label: "x", Iterations: 2, Records: 10, Shape: load.Steady, MaxRecords: 100}
	require.NoError(t, good.Validate())
	for want, change := range map[string]func(*scaletest.Plan){
		"--label is missing":         func(p *scaletest.Plan) { p.Label = " " },
		"one line":                   func(p *scaletest.Plan) { p.Label = "a\nb" },
		"--run must be":              func(p *scaletest.Plan) { p.Run = "a\x1bb" },
		"--iterations=0":             func(p *scaletest.Plan) { p.Iterations = 0 },
		"--records=-1":               func(p *scaletest.Plan) { p.Records = -1 },
		"--rate=-1":                  func(p *scaletest.Plan) { p.Rate = -1 },
		"--shape=square is unknown":  func(p *scaletest.Plan) { p.Shape = "square" },
		"--shape=peak needs a rate":  func(p *scaletest.Plan) { p.Shape = load.Peak },
		"--find-sustainable chooses": func(p *scaletest.Plan) { p.FindSustainable, p.Shape, p.Rate = true, load.Ramp, 1 },
		"more than --max-records=19": func(p *scaletest.Plan) { p.MaxRecords = 19 },
		"10 records, on each of 10 deployments, are more than --max-records=100": func(p *scaletest.Plan) { p.Tests = 10 },
		"--max-records=0 allows no rec":                                          func(p *scaletest.Plan) { p.MaxRecords = 0 },
	} {
		plan := good
		change(&plan)
		require.ErrorContains(t, plan.Validate(), want)
	}
}
