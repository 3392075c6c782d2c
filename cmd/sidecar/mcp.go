package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
	"github.com/flink-sidecar/flink-sidecar/internal/mcp"
)

const mcpHelp = `Serve the evidence of the running sidecar to a coding assistant.

The assistant starts this command and speaks the Model Context Protocol over standard input and
output. Secrets are masked in what it reads. It can change nothing.

Example, in the configuration of an assistant:

  {"mcpServers": {"flink": {"command": "sidecar", "args": ["mcp", "--sidecar.url=http://127.0.0.1:8642"]}}}
`

func mcpCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		client, url, err := sidecarOf(where)
		if err != nil {
			return err
		}
		c.through("mcp goes", url)
		err = mcp.Serve(ctx, client, version.Version, os.Stdin, leftOpen{c.stdout})
		if errors.Is(err, context.Canceled) {
			return nil // that is how it ends
		}
		return err
	})
}

// leftOpen is a writer that the process closes when it ends.
type leftOpen struct{ io.Writer }

// Close implements io.Closer.
func (leftOpen) Close() error { return nil }

// sidecarOf is the sidecar that has the history open.
func sidecarOf(where holder.History) (client *api.Client, url string, err error) {
	client, url, running, err := where.Holder()
	if err == nil && !running {
		err = fmt.Errorf("no running sidecar has the history %s open "+
			"(start one with sidecar run, or name its history with --history.path)", where.Path)
	}
	return client, url, err
}
