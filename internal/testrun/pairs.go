package testrun

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

const (
	// DefaultPairs is how many pairs of deployments are tested where commands deploy them: two more
	// than an interval needs.
	DefaultPairs = 5
	// autoPairs is the value of --deployments without a choice.
	autoPairs = "auto"
	maxPairs  = 100
)

// Pairs returns how many pairs of deployments a test alternates, 0 for the deployment that runs,
// and completes the plan: a limit of records that the user set is that of all tests together, the
// default limit is that of each test. The error is about a number that is none, or that the plan does not allow.
func Pairs(cfg config.Config, plan *scaletest.Plan, deployments string, limited bool) (int, error) {
	pairs, err := chosenPairs(cfg, *plan, deployments)
	if err != nil {
		return 0, err
	}
	plan.Tests = Alternation{Deployments: pairs}.tests()
	if !limited {
		plan.MaxRecords *= plan.Tests
	}
	return pairs, plan.Validate()
}

func chosenPairs(cfg config.Config, plan scaletest.Plan, deployments string) (int, error) {
	if deployments == autoPairs {
		if cfg.ScaleTest == nil || cfg.ScaleTest.Deploy.Candidate == "" || plan.Sharded() || plan.FindSustainable {
			return 0, nil
		}
		return DefaultPairs, nil
	}
	pairs, err := strconv.Atoi(deployments)
	switch {
	case err != nil || pairs < 0 || pairs > maxPairs:
		return 0, fmt.Errorf("--deployments=%s is not a number of deployments (use a number from 0 to %d, or auto)",
			deployments, maxPairs)
	case pairs > 0 && plan.Sharded():
		return 0, errors.New("--deployments runs in one process (leave out --shards)")
	}
	return pairs, nil
}

// DescribePairs writes which deployments a test would alternate; nothing if it alternates none.
func DescribePairs(w io.Writer, o scaletest.Options, pairs int) error {
	if pairs == 0 {
		return nil
	}
	const byHand = "by hand: the test waits for a new id of the job"
	deploy := o.Config.Deploy
	_, err := fmt.Fprintf(w, "deployments %d of the baseline and %d of the candidate, in turn\n"+
		"            baseline: %s\n            candidate: %s\n", pairs, pairs, cmp.Or(deploy.Baseline, byHand),
		cmp.Or(deploy.Candidate, byHand))
	return err
}
