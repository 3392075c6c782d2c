// Package prerequisites looks for the programs the local stack cannot bring along:
// a JDK that Flink, Kafka and Elasticsearch run on, and Maven, which fetches them.
//
// Everything that is missing is found in one go and told in one error, with the one
// line that repairs it. Nothing is installed from here: deploy/prerequisites does that
// for make.
package prerequisites

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Machine is what is looked at. The zero value sees nothing; use This.
type Machine struct {
	Getenv func(string) string
	// JVMs is the directory the distribution installs JDKs in; looked at after
	// JAVA_HOME and PATH.
	JVMs string
}

// This is the machine the program runs on.
func This() Machine { return Machine{Getenv: os.Getenv, JVMs: "/usr/lib/jvm"} }

// Found is what the stack is built and run with.
type Found struct {
	JDK   JDK
	Maven string // path of mvn
}

// MissingError lists what is not there.
type MissingError struct {
	Faults   []string // one sentence each
	Packages []string // Debian packages that bring it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s (%s)", strings.Join(e.Faults, "; "), e.Line())
}

// Line is the command that installs what is missing.
func (e *MissingError) Line() string {
	return "apt-get install " + strings.Join(e.Packages, " ")
}

// Look finds the prerequisites. The error is a *MissingError when some are missing.
func (m Machine) Look(ctx context.Context) (Found, error) {
	var (
		found   Found
		missing MissingError
		err     error
	)
	found.JDK, err = m.findJDK(ctx)
	if err != nil {
		missing.Faults = append(missing.Faults, err.Error())
		missing.Packages = append(missing.Packages, jdkPackage)
	}
	found.Maven, err = m.find("mvn")
	if err != nil {
		missing.Faults = append(missing.Faults, "Maven 3.8+ needed, found none")
		missing.Packages = append(missing.Packages, "maven")
	}
	if len(missing.Faults) > 0 {
		return Found{}, &missing
	}
	return found, nil
}

// find is exec.LookPath over the machine's own PATH.
func (m Machine) find(program string) (string, error) {
	for dir := range strings.SplitSeq(m.Getenv("PATH"), string(os.PathListSeparator)) {
		path, err := exec.LookPath(dir + "/" + program)
		if err == nil {
			return path, nil
		}
	}
	return "", errors.New("no " + program + " on PATH")
}
