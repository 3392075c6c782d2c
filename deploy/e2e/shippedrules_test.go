//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	promapi "github.com/prometheus/client_golang/api"
	promv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/stretchr/testify/require"
)

// shippedRulesAreEvaluated loads what sidecar rules writes into the real Prometheus, which scrapes
// the sidecar, until it has evaluated each rule without an error.
func (d *loopDay) shippedRulesAreEvaluated(t *testing.T) {
	t.Helper()
	d.stack.addRule(t, d.sidecar.command(t, "rules"))
	client, err := promapi.NewClient(promapi.Config{Address: d.stack.Prometheus})
	require.NoError(t, err)
	eventually(t, 4*time.Minute, "Prometheus evaluates every shipped rule", func() error {
		got, err := promv1.NewAPI(client).Rules(t.Context(), nil)
		if err != nil {
			return err
		}
		alerts, records := 0, 0
		for _, group := range got.Groups {
			for _, rule := range group.Rules {
				switch rule := rule.(type) {
				case promv1.AlertingRule:
					alerts++
					if rule.Health != promv1.RuleHealthGood {
						return fmt.Errorf("%s is %s: %s", rule.Name, rule.Health, rule.LastError)
					}
				case promv1.RecordingRule:
					records++
					if rule.Health != promv1.RuleHealthGood {
						return fmt.Errorf("%s is %s: %s", rule.Name, rule.Health, rule.LastError)
					}
				}
			}
		}
		// The configuration of this test switches on few trend rules.
		if alerts < 16 || records < 4 {
			return fmt.Errorf("there are %d alerts and %d recording rules", alerts, records)
		}
		return nil
	})
}
