// Package prerequisites searches for the programs that the local stack needs: a JDK for
// Flink, Kafka and Elasticsearch, and Maven, which downloads them.
//
// One error lists everything that is missing, with the one command that installs it. This
// package installs nothing: deploy/prerequisites does that for make.
package prerequisites

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Machine is the machine to search. The zero value finds nothing; use This.
type Machine struct {
	Getenv func(string) string
	// JVMs is the directory where the distribution installs JDKs; searched after
	// JAVA_HOME and PATH.
	JVMs string
}

// This is the machine the program runs on.
func This() Machine { return Machine{Getenv: os.Getenv, JVMs: "/usr/lib/jvm"} }

// Found are the programs that build and run the stack.
type Found struct {
	JDK   JDK
	Maven string // path of mvn
}

// MissingError lists the missing programs.
type MissingError struct {
	Faults   []string // one sentence each
	Packages []string // Debian packages that contain them
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
