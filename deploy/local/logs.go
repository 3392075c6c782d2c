package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

const (
	followEvery = 200 * time.Millisecond
	// tailBytes bounds the search for the last lines.
	tailBytes = 1 << 20
)

func logsCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("logs", "Print the last lines of a service's log; also after the stack has stopped.")
	name := clause.Arg("service", "Name as in status, or maven or apt.").Required().String()
	lines := clause.Flag("lines", "How many lines from the end.").Short('n').Default("50").Int()
	follow := clause.Flag("follow", "Print new lines until Ctrl-C.").Short('f').Bool()
	return command{clause, func(ctx context.Context, c console) error {
		layout, err := stack.NewLayout(*dir)
		if err != nil {
			return err
		}
		file, err := openLog(layout, *name)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := tail(c.out, file, *lines); err != nil || !*follow {
			return err
		}
		return followLog(ctx, c.out, file)
	}}
}

// openLog opens a log by the name of its service, which must not contain a path.
func openLog(layout stack.Layout, name string) (*os.File, error) {
	file, err := os.Open(layout.Log(filepath.Base(name)))
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	var names []string
	logs, _ := filepath.Glob(layout.Log("*")) // the pattern is well-formed
	for _, path := range logs {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".log"))
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no logs in %s (local up writes them)", layout.In("logs"))
	}
	return nil, fmt.Errorf("no log of %q (there are %s)", name, strings.Join(names, ", "))
}

// tail prints the last lines of a file and leaves the file at its end.
func tail(out io.Writer, file *os.File, lines int) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if _, err := file.Seek(max(0, info.Size()-tailBytes), io.SeekStart); err != nil {
		return err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	_, err = out.Write(lastLines(text, lines))
	return err
}

// lastLines returns the last n lines of text, of which the very last may be unfinished.
func lastLines(text []byte, n int) []byte {
	if n <= 0 {
		return nil
	}
	end := len(bytes.TrimSuffix(text, []byte("\n")))
	for range n {
		end = bytes.LastIndexByte(text[:end], '\n')
		if end < 0 {
			return text
		}
	}
	return text[end+1:]
}

// followLog prints what is added to a file until ctx is done.
func followLog(ctx context.Context, out io.Writer, file *os.File) error {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		if _, err := io.Copy(out, file); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
