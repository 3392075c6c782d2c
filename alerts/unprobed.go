package alerts

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// WithoutProbe returns the faults of the rules in the section that need synthetic records, for a
// configuration that sends none. Shipped rules that the section does not name are no fault: they watch
// nothing, and the page says so.
func (c Config) WithoutProbe() setting.Faults {
	var faults setting.Faults
	for i, item := range c.Rules {
		whole := c.whole(item)
		row, known := signal.Lookup(whole.Signal)
		if known && row.Probes && (whole.Disabled == nil || !*whole.Disabled) {
			faults.Add(fmt.Sprintf("rules[%d].signal", i), "add the section probe, or remove the rule",
				"the rule can never fire: %s needs synthetic records, and there is no section probe", row.Words)
		}
	}
	return faults
}
