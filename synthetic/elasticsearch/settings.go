package elasticsearch

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// refreshInterval returns the interval at which the index makes documents visible.
// explicit is false if the index uses the default of one second, which Elasticsearch
// suspends for indices without a search for 30 s.
func (c *client) refreshInterval(ctx context.Context) (every time.Duration, explicit bool, err error) {
	yes := true
	var answer map[string]struct{ Settings map[string]any }
	err = c.do(ctx, esapi.IndicesGetSettingsRequest{
		Index: []string{c.index}, Name: []string{"index.refresh_interval"}, FlatSettings: &yes,
	}, &answer)
	if err != nil {
		return 0, false, err
	}
	// With an alias or a data stream, the newest index is the last by name.
	newest := ""
	for name := range answer {
		newest = max(newest, name)
	}
	text, explicit := answer[newest].Settings["index.refresh_interval"].(string)
	if !explicit {
		return time.Second, false, nil
	}
	every, err = parseTimeValue(text)
	return every, true, err
}

// parseTimeValue reads a duration in Elasticsearch's format, "30s" or "500ms". "-1" is
// an error, because documents then become visible only on request.
func parseTimeValue(text string) (time.Duration, error) {
	for _, unit := range []struct {
		suffix string
		worth  time.Duration
	}{
		{"nanos", time.Nanosecond},
		{"micros", time.Microsecond},
		{"ms", time.Millisecond},
		{"s", time.Second},
		{"m", time.Minute},
		{"h", time.Hour},
		{"d", 24 * time.Hour},
	} {
		number, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || n < 0 {
			break
		}
		return time.Duration(n * float64(unit.worth)), nil
	}
	return 0, fmt.Errorf("elasticsearch: refresh_interval %q is not an interval", text)
}

// readSettings reads the refresh interval, which is the minimum time to visibility.
func (s *sink) readSettings(ctx context.Context) {
	if s.watch.Now().Since(s.settings) < settingsEvery {
		return
	}
	s.settings = s.watch.Now()
	every, explicit, err := s.client.refreshInterval(ctx)
	switch {
	case err != nil:
		s.metrics.floor.DeleteLabelValues(s.watch.Sink())
		s.watch.Log().Info(
			"The refresh interval of the index is not known, and flink_sidecar_probe_visibility_floor_seconds is "+
				"absent",
			"err", err,
		)
		return
	case !explicit:
		s.watch.Log().Info(
			"The index leaves refresh_interval to the default: Elasticsearch stops refreshing it after 30 s "+
				"without a search, which the probe's searches prevent",
			"index", s.fields.Index, "fix", "set index.refresh_interval, then the index behaves the same without the probe")
	}
	s.metrics.floor.WithLabelValues(s.watch.Sink()).Set(every.Seconds())
}
