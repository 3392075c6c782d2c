package main

import (
	"context"
	"os"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

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
		client, url, err := where.Running()
		if err != nil {
			return err
		}
		c.through("mcp goes", url)
		return mcp.Serve(ctx, client, version.Version, os.Stdin, c.stdout)
	})
}
