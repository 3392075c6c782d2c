package outcome

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Formats are the formats of an import and an export.
func Formats() []string { return []string{"csv", "json"} }

// The columns of an import, in their order.
const (
	columnLabel      = "label"
	columnDeployment = "deployment"
	columnIteration  = "iteration"
	columnThroughput = "throughput"
)

// headers are the accepted combinations of columns.
var headers = [][]string{
	{columnLabel, columnThroughput},
	{columnLabel, columnIteration, columnThroughput},
	{columnLabel, columnDeployment, columnIteration, columnThroughput},
}

func headersInWords() string {
	var all []string
	for _, h := range headers {
		all = append(all, strings.Join(h, ","))
	}
	return strings.Join(all[:2], "; ") + "; or " + all[2]
}

// Read reads rows in a format of [Formats]. The error is all [*Faults] at once. A byte order
// mark and Windows line ends are accepted.
func Read(text []byte, format string, paired bool) (Rows, error) {
	faults := &Faults{}
	var rows Rows
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	switch {
	case len(text) > MaxImport:
		faults.add(lineOfNext(text, MaxImport), "the text is longer than %d MiB here (import fewer rows at a time)",
			MaxImport>>20)
	case format == "json":
		rows = readJSON(text, faults)
	case format == "csv":
		rows = readCSV(text, faults)
	default:
		return rows, fmt.Errorf("there is no format %q (use csv or json)", format)
	}
	if len(rows.List) > MaxRows {
		faults.add(rows.List[MaxRows].Line, "this is row %d (import at most %d at a time)", MaxRows+1, MaxRows)
		return Rows{}, faults
	}
	rows.check(paired, faults)
	if err := faults.orNil(); err != nil {
		return Rows{}, err
	}
	return rows, nil
}

func readCSV(text []byte, faults *Faults) (rows Rows) {
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1 // a wrong number is a fault of its line only
	header, err := reader.Read()
	at := slices.IndexFunc(headers, func(h []string) bool { return slices.Equal(h, header) })
	if err != nil || at < 0 {
		faults.add(1, "the header %q is none of: %s (correct it)", shorten(strings.Join(header, ",")), headersInWords())
		return rows
	}
	rows.Deployments, rows.Iterations = slices.Contains(header, columnDeployment), len(header) > 2
	for len(rows.List) <= MaxRows {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			// What follows a wrong quotation mark cannot be told apart.
			faults.add(parse.Line, "%v (correct the quotation marks)", parse.Err)
			return rows
		}
		line, _ := reader.FieldPos(0)
		if m, ok := readRecord(header, record, line, faults); ok {
			rows.List = append(rows.List, m)
		}
	}
	return rows
}

// readRecord reads one line; false if it has a fault.
func readRecord(header, record []string, line int, faults *Faults) (Measured, bool) {
	if len(record) != len(header) {
		faults.add(line, "there are %d fields in place of %d (write %s, with a decimal point and not a comma)", len(record),
			len(header), strings.Join(header, ","))
		return Measured{}, false
	}
	return readFields(header, record, line, faults)
}

// readFields reads the fields of one measurement; false if one has a fault.
func readFields(columns, fields []string, line int, faults *Faults) (m Measured, ok bool) {
	m.Line, ok = line, true
	for i, text := range fields {
		problem := ""
		switch columns[i] {
		case columnLabel:
			m.Label, problem = text, checkLabel(text)
		case columnDeployment:
			m.Deployment, problem = parseNumber(columns[i], text)
		case columnIteration:
			m.Iteration, problem = parseNumber(columns[i], text)
		case columnThroughput:
			m.Throughput, problem = parseThroughput(text)
		}
		if problem != "" {
			faults.add(line, "%s", problem)
			ok = false
		}
	}
	return m, ok
}

// jsonRow is a row of the JSON format. The numbers are kept as they are written.
type jsonRow struct {
	Label      *string      `json:"label"`
	Deployment *json.Number `json:"deployment,omitempty"`
	Iteration  *json.Number `json:"iteration"`
	Throughput *json.Number `json:"throughput"`
}

// readJSON reads an array of rows, or one row after the other.
func readJSON(text []byte, faults *Faults) (rows Rows) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	inArray := bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("["))
	if inArray {
		_, _ = decoder.Token() // the bracket is there
	}
	var columns []string
	for len(rows.List) <= MaxRows {
		if inArray && !decoder.More() {
			break
		}
		line := lineOfNext(text, decoder.InputOffset())
		var row jsonRow
		err := decoder.Decode(&row)
		if errors.Is(err, io.EOF) && !inArray {
			return rows
		}
		if err != nil {
			faults.add(line, "%s (write objects with %s)", shorten(err.Error()), headersInWords())
			return rows
		}
		names, fields := row.fields()
		if columns == nil {
			columns = names
			rows.Deployments, rows.Iterations = row.Deployment != nil, row.Iteration != nil
		}
		switch {
		case !slices.ContainsFunc(headers, func(h []string) bool { return slices.Equal(h, names) }):
			faults.add(line, "the keys %s are none of: %s (correct them)", strings.Join(names, ","), headersInWords())
		case !slices.Equal(columns, names):
			faults.add(line, "the keys %s are not those of the first row (give all rows the same)", strings.Join(names, ","))
		default:
			if m, ok := readFields(names, fields, line, faults); ok {
				rows.List = append(rows.List, m)
			}
		}
	}
	if inArray && len(rows.List) <= MaxRows {
		closeArray(decoder, text, faults)
	}
	return rows
}

// closeArray checks that nothing follows the rows.
func closeArray(decoder *json.Decoder, text []byte, faults *Faults) {
	_, unclosed := decoder.Token()
	_, more := decoder.Token()
	if unclosed != nil || !errors.Is(more, io.EOF) {
		faults.add(lineOfNext(text, decoder.InputOffset()), "the array has no end, or something follows it (write one array)")
	}
}

// lineOfNext is the line of the value that follows an offset.
func lineOfNext(text []byte, offset int64) int {
	rest := bytes.TrimLeft(text[offset:], " \t\r\n,")
	return 1 + bytes.Count(text[:len(text)-len(rest)], []byte("\n"))
}

// fields are the keys that a row has, in the order of the columns, and their text.
func (r jsonRow) fields() (names, fields []string) {
	if r.Label != nil {
		names, fields = append(names, columnLabel), append(fields, *r.Label)
	}
	for _, one := range []struct {
		name string
		of   *json.Number
	}{{columnDeployment, r.Deployment}, {columnIteration, r.Iteration}, {columnThroughput, r.Throughput}} {
		if one.of != nil {
			names, fields = append(names, one.name), append(fields, one.of.String())
		}
	}
	return names, fields
}
