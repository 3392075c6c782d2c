package server

import (
	"errors"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/crypto/bcrypt"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// unknownField is how the YAML library reports a key that exporter-toolkit does not know.
var unknownField = regexp.MustCompile(`^(line \d+): field (\S+) not found in type \S+$`)

// webHelp is where the format of a web configuration file is described.
const webHelp = "see https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md"

// CheckFile returns what is wrong with the web configuration file at path. A file that is not on
// this machine, or that it may not read, has no faults: the start of the sidecar finds them.
func CheckFile(path string) (faults setting.Faults) {
	file, err := readWebFile(path)
	if path == "" || isElsewhere(err) {
		return nil
	}
	for _, user := range slices.Sorted(maps.Keys(file.Users)) {
		if _, err := bcrypt.Cost([]byte(file.Users[user])); err != nil {
			faults.Add("config_file", "write the output of htpasswd -nBC 10 USER",
				"in this file the password of user %q is not hashed with bcrypt", user)
		}
	}
	err = web.Validate(path)
	if err == nil || isElsewhere(err) || len(faults) > 0 && !strings.HasPrefix(err.Error(), "yaml:") {
		return faults // Validate ends at the first password, which is in faults
	}
	for _, problem := range webProblems(err) {
		faults.Add("config_file", webHelp, "in this file %s", problem)
	}
	return faults
}

func isElsewhere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}

// webProblems are the faults in an error of exporter-toolkit. A message about a value may repeat
// the value, so that it is not passed on.
func webProblems(err error) (problems []string) {
	text, isList := strings.CutPrefix(err.Error(), "yaml: unmarshal errors:\n")
	if !isList {
		return []string{strings.TrimPrefix(text, "yaml: ")}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		at, _, _ := strings.Cut(line, ":")
		problem := at + ": the value does not fit"
		if m := unknownField.FindStringSubmatch(line); m != nil {
			problem = m[1] + ": unknown key " + m[2]
		}
		problems = append(problems, problem)
	}
	return problems
}
