package proberound

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
)

// Report prints the result of a round as a table or as json. The round fails if any record did not
// arrive, so that scripts can use the exit code.
func Report(w io.Writer, ep episode.Episode, format string) error {
	if ep.Measurement == nil {
		return fmt.Errorf("episode %s has no measurement: %s", ep.ID, report.OrDash(ep.Error))
	}
	var err error
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(ep)
	} else {
		err = report.Measurement(w, *ep.Measurement)
	}
	if err != nil {
		return err
	}
	if account, missing := ep.Measurement.Incomplete(); missing {
		return fmt.Errorf("%d of %d records did not reach %s (see sidecar history show %s)",
			account.Intended-account.Arrived(), account.Intended, account.Sink, ep.ID)
	}
	return nil
}
