package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// errReported is an error whose text is already on standard output: the command
// failed, and has said so in its result.
var errReported = errors.New("reported above")

// usageError is wrong use of the command line that the parser cannot detect.
type usageError struct{ error }

// regressionError is a result whose meaning is a large regression: the command itself worked.
type regressionError struct{ error }

func exitCode(err error) int {
	if err == nil {
		return exitFine
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[regressionError](err); ok {
		return exitRegression
	}
	return exitFailed
}

// isClosedOutput reports that nothing reads standard output any more, as after head: what the
// command would print has no reader.
func isClosedOutput(err error) bool {
	at, ok := errors.AsType[*fs.PathError](err)
	return ok && at.Path == os.Stdout.Name() && errors.Is(at, syscall.EPIPE)
}
