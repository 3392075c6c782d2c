package rules

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// optionName is a key of Flink's configuration, or the beginning of some.
var optionName = regexp.MustCompile(
	`[^-.\w]((?:(?:execution|pipeline|taskmanager|cluster|env)|state\.(?:backend|storage))\.[a-z][a-z0-9-]*(?:\.[a-z0-9-]*[a-z0-9])*)`)

// earlier are options that Flink 2.3 does not know any more.
var earlier = map[string]bool{"cluster.evenly-spread-out-slots": true}

// TestOptionsOfFlinkExist holds each option that the rules name against those of Flink.
func TestOptionsOfFlinkExist(t *testing.T) {
	known := options(t)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	named := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		joined := regexp.MustCompile(`" \+\s*"`).ReplaceAllString(string(source), "")
		for _, found := range optionName.FindAllStringSubmatch(joined, -1) {
			named++
			name := found[1]
			require.True(t, known[name] || earlier[name], "%s: Flink has no option %s", file, name)
		}
	}
	require.Greater(t, named, 30)
}

// options are the keys of Flink and their beginnings.
func options(t *testing.T) map[string]bool {
	t.Helper()
	file, err := os.Open("testdata/flink-2.3.0-options.txt")
	require.NoError(t, err)
	defer file.Close()
	known := map[string]bool{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		key := lines.Text()
		for at, r := range key {
			if r == '.' {
				known[key[:at]] = true
			}
		}
		known[key] = true
	}
	return known
}
