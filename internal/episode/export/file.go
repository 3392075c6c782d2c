package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// maxLine bounds one line in bytes: a scale test has at most 2 MiB.
const maxLine = 4 << 20

// ReadScaleTests reads scale tests that [History.JSONLines] wrote, and returns them in the reverse
// order: oldest first. The error names the line that is none.
func ReadScaleTests(from io.Reader) (tests []episode.ScaleTest, err error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		var t episode.ScaleTest
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("line %d is no scale test: %w (use what history export --kind=scaletests wrote)", n, err)
		}
		tests = append(tests, t)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w (a line has at most %d MiB)", n+1, err, maxLine>>20)
	}
	if len(tests) == 0 {
		return nil, errors.New("there is no scale test (use what history export --kind=scaletests wrote)")
	}
	slices.Reverse(tests)
	return tests, nil
}
