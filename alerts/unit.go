package alerts

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// parseAmount reads an amount in the form of the configuration. Times and sizes are above 0,
// other units may be 0.
func parseAmount(u snapshot.Unit, text string) (float64, error) {
	var amount float64
	var err error
	switch u {
	case snapshot.Seconds:
		var d model.Duration
		d, err = model.ParseDuration(text)
		amount = time.Duration(d).Seconds()
	case snapshot.Bytes:
		var b units.Base2Bytes
		b, err = units.ParseBase2Bytes(text)
		amount = float64(b)
	default:
		amount, err = strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(amount) || math.IsInf(amount, 0) {
			return 0, fmt.Errorf("%q is not a number", text)
		}
		return amount, nil
	}
	if err != nil || amount <= 0 {
		return 0, fmt.Errorf("%q is not an amount of %s above zero", text, u)
	}
	return amount, nil
}

// exampleAmount returns an example that parseAmount can read.
func exampleAmount(u snapshot.Unit) string {
	switch u {
	case snapshot.Seconds:
		return "60s or 2m"
	case snapshot.Bytes:
		return "512MiB or 2GiB"
	case snapshot.Ratio:
		return "0.5"
	default:
		return "1000"
	}
}

// formatAmount writes an amount in a readable form.
func formatAmount(u snapshot.Unit, amount float64) string {
	switch u {
	case snapshot.Seconds:
		unit := unitOfTime(amount)
		return unit.number(amount) + " " + unit.name
	case snapshot.Ratio:
		return short(100*amount) + " %"
	case snapshot.Count:
		return short(amount)
	case snapshot.Records:
		return short(amount) + " records"
	case snapshot.RecordsPerSecond:
		return short(amount) + " records/s"
	}
	names := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	i := 0
	for ; math.Abs(amount) >= 1024 && i < len(names)-1; i++ {
		amount /= 1024
	}
	return short(amount) + " " + names[i]
}

// timeUnit returns the most readable unit for a length of time.
type timeUnit struct {
	name    string
	seconds float64
}

func unitOfTime(seconds float64) timeUnit {
	switch {
	case seconds < 90:
		return timeUnit{"s", 1}
	case seconds < 90*60:
		return timeUnit{"min", 60}
	case seconds < 48*3600:
		return timeUnit{"h", 3600}
	default:
		return timeUnit{"days", 24 * 3600}
	}
}

func (u timeUnit) number(seconds float64) string { return short(seconds / u.seconds) }

// short writes one decimal below ten if it is not zero, and none above.
func short(v float64) string {
	if math.Abs(v) >= 10 {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}
