package jars

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Maven runs builds quietly: the output of Maven goes to Log.
type Maven struct {
	Program  string // path of mvn
	JavaHome string
	Log      string // output is appended to this file
}

// errorLines bounds how many of Maven's [ERROR] lines go into an error.
const errorLines = 4

// Run runs Maven on the project at pom. The error holds Maven's first [ERROR] lines.
func (m Maven) Run(ctx context.Context, pom string, args ...string) error {
	log, err := os.OpenFile(m.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	var complaints complaints
	args = append([]string{"-B", "-q", "-Dstyle.color=never", "-f", pom}, args...)
	cmd := exec.CommandContext(ctx, m.Program, args...)
	cmd.Env = append(os.Environ(), "JAVA_HOME="+m.JavaHome)
	cmd.Stdout = io.MultiWriter(log, &complaints)
	cmd.Stderr = cmd.Stdout
	cmd.WaitDelay = 5 * time.Second // mvn is a script; its JVM may outlive it
	fmt.Fprintf(log, "$ mvn %s\n", strings.Join(args, " "))
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("maven failed on %s: %w (full output in %s)", pom, errors.Join(err, complaints.err()), m.Log)
	}
	return nil
}

// complaints keeps the first few [ERROR] lines written to it.
type complaints struct {
	lines []string
	rest  string // the unfinished last line
}

func (c *complaints) Write(text []byte) (int, error) {
	lines := strings.Split(c.rest+string(text), "\n")
	c.rest = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		message, isError := strings.CutPrefix(line, "[ERROR] ")
		if isError && strings.TrimSpace(message) != "" && len(c.lines) < errorLines {
			c.lines = append(c.lines, strings.TrimSpace(message))
		}
	}
	return len(text), nil
}

func (c *complaints) err() error {
	if len(c.lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(c.lines, "\n"))
}
