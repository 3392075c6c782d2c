package demo

import (
	"math"
	"time"
)

// tuneAfter is when the demo that repairs a fault chooses the load, after stack ready: when the JVMs are
// warm, and again when they had that load for a while. Before, they promise half of what they can do.
var tuneAfter = []time.Duration{2*time.Minute + 45*time.Second, 4 * time.Minute}

// nearLimit is how busy the load keeps the vertex that limits the job: so busy that advice has a gain
// to predict, and not so busy that orders wait.
const nearLimit = 0.9

// raiseLoad chooses the load by the headroom that the sidecar exports.
func (d *Demo) raiseLoad(now Reading, say func(format string, args ...any)) {
	headroom, known := now.sum("flink_job_headroom_ratio", labels{"job": jobName})
	if !known {
		return
	}
	before, _ := d.stack.Load()
	load := loadNearLimit(before, headroom)
	if _, err := d.stack.SetLoad(load); err != nil {
		say("the load stays as it is: %v", err)
	} else {
		say("the demo sends %.0f orders/s instead of %.0f: the headroom of the job was %.0f %%", load, before, 100*headroom)
	}
	d.repair.tunings = d.repair.tunings[min(1, len(d.repair.tunings)):]
}

// loadNearLimit is the load in orders per second at which a job with this headroom at this load is
// busy nearLimit of the time.
func loadNearLimit(load, headroom float64) float64 {
	return math.Round(load * (1 + headroom) * nearLimit)
}
