package manifests

import (
	"bytes"
	"testing"

	"github.com/helm-unittest/helm-unittest/pkg/unittest"
	"github.com/helm-unittest/helm-unittest/pkg/unittest/printer"
	"github.com/stretchr/testify/require"
)

// The tests of the chart pass, run by the plugin of Helm that they are written for.
func TestTheUnitTestsOfTheChart(t *testing.T) {
	var said bytes.Buffer
	runner := unittest.TestRunner{
		Printer: printer.NewPrinter(&said, nil), Strict: true, TestFiles: []string{"unittests/**/*.yaml"},
	}
	require.True(t, runner.RunV3([]string{chartDir}), said.String())
	require.Contains(t, said.String(), "Test Suites: 5 passed, 5 total")
	t.Log(said.String())
}
