package outcome_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// TestFaultsOfImports holds every message: all faults of a text at once, with line and fix.
func TestFaultsOfImports(t *testing.T) {
	const four = "label,deployment,iteration,throughput\n"
	for name, tc := range map[string]struct {
		text, format string
		paired       bool
		want         []string
	}{
		"empty": {"", "csv", false, []string{`line 1: the header "" is none of: `}},
		"only a header": {"label,throughput\n", "csv", false, []string{
			"line 1: there is no row (add one for each measurement)",
		}},
		"semicolons": {"label;throughput\na;1\n", "csv", false, []string{
			`line 1: the header "label;throughput" is none of`,
		}},
		"swapped header": {"throughput,label\n1,a\n", "csv", false, []string{"line 1: the header"}},
		"decimal commas": {"label,throughput\na,1,5\nb,\"1,5\"\n", "csv", false, []string{
			"line 2: there are 3 fields in place of 2 (write label,throughput, with a decimal point and not a comma)",
			`line 3: throughput "1,5" has a comma (write the decimal point, and no thousands separator)`,
		}},
		"no rates": {"label,throughput\na,NaN\nb,-1\nc,0\nd,1e999\ne,0x1p3\nf,\ng,+Inf\nh,1_0\n", "csv", false, []string{
			`line 2: throughput "NaN" is not a number (write records per second, for example 161.7)`,
			`line 3: throughput "-1" is not a rate above 0 (leave out an iteration that failed)`,
			`line 4: throughput "0" is not a rate`, `line 5: throughput "1e999" is not`, `line 6: throughput "0x1p3" is not`,
			`line 7: throughput "" is not a number`, `line 8: throughput "+Inf" is not`, `line 9: throughput "1_0" is not`,
		}},
		"labels": {"label,throughput\n ,1\n" + strings.Repeat("x", 201) + ",1\n\"a\x1b\",1\n", "csv", false, []string{
			"line 2: the label is empty (name the change)", "line 3: the label has 201 bytes, more than 200 (shorten it)",
			`line 4: the label "a\x1b" has characters that cannot be shown (remove them)`,
		}},
		"numbers": {four + "a,x,1.5,1\na,-1,1,1\na,2000000000,1,1\n", "csv", false, []string{
			`line 2: deployment "x" is not a number from 0 (number them)`, `line 2: iteration "1.5" is not`,
			`line 3: deployment "-1" is not`, `line 4: deployment "2000000000" is not`,
		}},
		"twice": {"label,throughput\na,1\na,2\n", "csv", false, []string{
			`line 3: label "a" is in line 2 already (number repeated measurements in a column iteration)`,
		}},
		"twice, numbered": {four + "a,1,1,1\na,1,1,2\n", "csv", false, []string{
			`line 3: label "a", deployment 1, iteration 1 is in line 2 already (correct the number, or remove the row)`,
		}},
		"not together": {"label,iteration,throughput\na,1,1\nb,1,2\na,2,1\n", "csv", false, []string{
			`line 4: label "a" was in line 2 already, with others between (put the rows of a label together)`,
		}},
		"quotation marks": {"label,throughput\na,\"1\nb,2\n", "csv", false, []string{"(correct the quotation marks)"}},
		"pairs without deployments": {"label,throughput\na,1\n", "csv", true, []string{
			"line 1: pairs need deployments (add the column deployment, or import without --paired)",
		}},
		"unequal pairs": {four + "a,1,1,1\na,2,1,1\nb,1,1,1\n", "csv", true, []string{
			`line 4: label "b" has 1 deployments and the baseline "a" has 2 (pairs need as many on both sides: import without ` +
				`--paired, or complete them)`,
		}},
		"no JSON": {"[{\"label\":\"a\",\"throughput\":1},\n{\"label\":", "json", false, []string{
			"line 2: unexpected EOF",
		}},
		"an unknown key": {`{"label":"a","rate":1}`, "json", false, []string{
			`line 1: json: unknown field "rate" (write objects`,
		}},
		"a missing key": {`[{"label":"a"}]`, "json", false, []string{
			"line 1: the keys label are none of: label,throughput",
		}},
		"different keys": {`{"label":"a","throughput":1}` + "\n" +
			`{"label":"b","iteration":1,"throughput":1}`, "json", false, []string{
			"line 2: the keys label,iteration,throughput are not those of the first row",
		}},
		"an open array": {`[{"label":"a","throughput":1}`, "json", false, []string{
			"the array has no end, or something follows it",
		}},
		"a second array": {`[{"label":"a","throughput":1}][]`, "json", false, []string{
			"the array has no end, or something follows it",
		}},
		"a negative in it": {`[{"label":"a","throughput":-1}]`, "json", false, []string{
			`line 1: throughput "-1" is not a rate`,
		}},
		"too long": {"label,throughput\n" + strings.Repeat("a,1\n", outcome.MaxImport), "csv", false, []string{
			"line 524286: the text is longer than 2 MiB here (import fewer rows at a time)",
		}},
		"too many rows": {manyRows(outcome.MaxRows + 5), "csv", false, []string{
			"line 20002: this is row 20001 (import at most 20000 at a time)",
		}},
		"too many of one": {manyRows(2001), "csv", false, []string{
			`line 2002: label "a" has more than 2000 iterations of one deployment (import fewer)`,
		}},
		"many faults": {"label,throughput\n" + strings.Repeat("a,-1\n", 30), "csv", false, []string{
			"and 10 more faults (correct those above first)",
		}},
	} {
		_, err := outcome.Read([]byte(tc.text), tc.format, tc.paired)
		require.Error(t, err, name)
		for _, want := range tc.want {
			require.Contains(t, err.Error(), want, name)
		}
		require.LessOrEqual(t, len(err.Error()), 10_000, name)
	}
	_, err := outcome.Read(nil, "xml", false)
	require.EqualError(t, err, `there is no format "xml" (use csv or json)`)
}

func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("label,iteration,throughput\n")
	for i := range n {
		fmt.Fprintf(&b, "a,%d,1\n", i)
	}
	return b.String()
}

// TestFormatsOfOtherPrograms: a byte order mark, Windows line ends, quotation marks, and
// both ways to write JSON give the same rows.
func TestFormatsOfOtherPrograms(t *testing.T) {
	want, err := outcome.Read([]byte("label,throughput\na,100.5\n\"b, c\",2e2\n"), "csv", false)
	require.NoError(t, err)
	require.Equal(t, []outcome.Measured{
		{Label: "a", Throughput: 100.5, Line: 2}, {Label: "b, c", Throughput: 200, Line: 3},
	}, want.List)
	for format, texts := range map[string][]string{
		"csv": {"\xef\xbb\xbflabel,throughput\r\n\"a\",100.5\r\n\"b, c\", 200\r\n"},
		"json": {
			"[\n{\"label\":\"a\",\"throughput\":100.5},\n{\"label\":\"b, c\",\"throughput\":200}]\n",
			"\n{\"label\":\"a\",\"throughput\":100.5}\n{\"label\":\"b, c\",\"throughput\":2e2}",
		},
	} {
		for _, text := range texts {
			got, err := outcome.Read([]byte(text), format, false)
			require.NoError(t, err, text)
			require.Equal(t, want, got, text)
		}
	}
}

// TestPairsByAscendingNumber: deployments are paired in the order of their numbers, however
// the rows are ordered and whatever the numbers are.
func TestPairsByAscendingNumber(t *testing.T) {
	const header = "label,deployment,iteration,throughput\n"
	ordered := header + "a,1,1,100\na,2,1,110\na,3,1,121\nb,1,1,121\nb,2,1,130\nb,3,1,150\n"
	mixed := header + "a,30,1,121\na,10,1,100\na,20,1,110\nb,7,1,150\nb,6,1,130\nb,0,1,121\n"
	require.Equal(t, tableOf(t, ordered, true).Rows, tableOf(t, mixed, true).Rows)
	require.Equal(t, outcome.Better, tableOf(t, ordered, true).Rows[1].Verdict)
	require.Equal(t, outcome.Unclear, tableOf(t, ordered, false).Rows[1].Verdict, "the drift hides it from Welch")
}

func TestExportIsAnImport(t *testing.T) {
	tests := alternating(0, 1, 2, 3, 4, 5)
	rows, paired, err := outcome.RowsOf(tests, "")
	require.NoError(t, err)
	require.True(t, paired)
	want := outcome.NewTable(tests)
	for _, format := range outcome.Formats() {
		var out bytes.Buffer
		require.NoError(t, outcome.WriteRows(&out, rows, format))
		again, err := outcome.Read(out.Bytes(), format, paired)
		require.NoError(t, err, out.String())
		got := outcome.NewTable(again.Tests(outcome.Import{Run: "r", Job: "j", Paired: paired}, now))
		for i, r := range got.Rows {
			require.Equal(t, want.Rows[i].Throughput, r.Throughput, format)
			require.Equal(t, want.Rows[i].Low, r.Low, format)
			require.Equal(t, want.Rows[i].Verdict, r.Verdict, format)
		}
	}
	single, err := outcome.Read([]byte("label,throughput\na,1\nb,2\n"), "csv", false)
	require.NoError(t, err)
	rows, paired, err = outcome.RowsOf(single.Tests(outcome.Import{Run: "r", Job: "j"}, now), "")
	require.NoError(t, err)
	require.False(t, paired || rows.Deployments)

	tests[1].Shape = "peak"
	_, _, err = outcome.RowsOf(tests, "")
	require.EqualError(t, err, `the run has the shapes "steady" and "peak" (choose one with --shape)`)
	_, _, err = outcome.RowsOf([]scalerun.Test{}, "")
	require.NoError(t, err)
}

// FuzzRead reads hostile text. What is accepted can be compared, written, and read again.
func FuzzRead(f *testing.F) {
	f.Add("label,throughput\na,1\nb,2\n", false, false)
	f.Add(threeByThree, false, true)
	f.Add(`[{"label":"a","deployment":1,"iteration":2,"throughput":1e-99}]`, true, false)
	f.Add("label,iteration,throughput\n\"a|\u202e\",1,1e99\nb,1,1e-99\n", false, false)
	f.Fuzz(func(t *testing.T, text string, json, paired bool) {
		format := "csv"
		if json {
			format = "json"
		}
		rows, err := outcome.Read([]byte(text), format, paired)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		tests := rows.Tests(outcome.Import{Run: "r", Job: "j", Paired: paired}, now)
		table := outcome.NewTable(tests)
		var out bytes.Buffer
		require.NoError(t, table.CSV(&out))
		require.NotContains(t, out.String(), "NaN")
		require.NotContains(t, out.String(), "Inf")
		require.NoError(t, table.Text(&out, true))
		require.NoError(t, table.Markdown(&out))
		exported, _, err := outcome.RowsOf(tests, "")
		require.NoError(t, err)
		out.Reset()
		require.NoError(t, outcome.WriteRows(&out, exported, format))
		again, err := outcome.Read(out.Bytes(), format, false)
		require.NoError(t, err, out.String())
		require.Len(t, again.List, len(rows.List))
	})
}

// TestLimitsInTheManual: docs/history.md says the limits that the code has.
func TestLimitsInTheManual(t *testing.T) {
	text := documenttest.Text(t, "../../docs/history.md")
	for _, sentence := range []string{
		fmt.Sprintf("at most %d rows and %d MiB,", outcome.MaxRows, outcome.MaxImport>>20), "a deployment 2000 iterations",
		fmt.Sprintf("fewer than %d deployments of the label", outcome.MinDeployments),
		fmt.Sprintf("the change is at least %d %%", outcome.SmallestChange),
	} {
		require.Contains(t, text, sentence)
	}
}
