package outcome

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// RowsOf are the iterations of a run that count, as an import takes them: deployments and
// iterations are numbered anew. Tests are oldest first, as [Tests] returns them. An import
// knows no shapes, so all tests must have one, unless shape chooses the tests of one.
func RowsOf(tests []scalerun.Test, shape string) (rows Rows, paired bool, err error) {
	if shape != "" {
		tests = slices.DeleteFunc(slices.Clone(tests), func(t scalerun.Test) bool { return t.Shape != shape })
	}
	all := samples(tests)
	rows.Iterations, rows.Deployments = true, true
	for _, s := range all {
		if s.shape != all[0].shape {
			return rows, false, fmt.Errorf("the run has the shapes %q and %q (choose one with --shape)", all[0].shape, s.shape)
		}
		rows.Deployments = rows.Deployments && s.numbered
	}
	paired = rows.Deployments && len(all) > 1
	for _, s := range all {
		paired = paired && len(s.deployments) > 0 && (s == all[0] || pairs(all[0], s))
		for n, d := range s.deployments {
			for i, v := range d.throughputs {
				rows.List = append(rows.List, Measured{Label: s.label, Deployment: n + 1, Iteration: i + 1, Throughput: v})
			}
		}
	}
	return rows, paired, nil
}

// WriteRows writes rows in a format of [Formats], as [Read] reads them. It is an error if there
// are none: an import would refuse them.
func WriteRows(w io.Writer, rows Rows, format string) error {
	if len(rows.List) == 0 {
		return errors.New("the run has no iteration that counts (sidecar history table shows why)")
	}
	if format == "json" {
		return writeJSONRows(w, rows)
	}
	out := csv.NewWriter(w)
	header := headers[1]
	if rows.Deployments {
		header = headers[2]
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, m := range rows.List {
		record := []string{m.Label}
		if rows.Deployments {
			record = append(record, strconv.Itoa(m.Deployment))
		}
		record = append(record, strconv.Itoa(m.Iteration), number(m.Throughput))
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writeJSONRows writes an object a line.
func writeJSONRows(w io.Writer, rows Rows) error {
	encoder := json.NewEncoder(w)
	for _, m := range rows.List {
		row := jsonRow{Label: &m.Label, Iteration: new(json.Number(strconv.Itoa(m.Iteration)))}
		if rows.Deployments {
			row.Deployment = new(json.Number(strconv.Itoa(m.Deployment)))
		}
		row.Throughput = new(json.Number(number(m.Throughput)))
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// number writes a number with as many digits as it needs to be read again.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
