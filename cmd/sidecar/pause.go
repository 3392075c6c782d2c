package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

// pauseCommand is pause or resume, depending on pull.
func pauseCommand(
	clause *kingpin.CmdClause, pull func(*api.Client, context.Context, api.Part) (api.PauseState, error),
) action {
	flags := addThroughFlags(clause)
	part := clause.Arg("part", "probe, profiling or llm; all of them if it is left out.").Enum(partNames()...)
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		client, url, err := where.Running()
		if err != nil {
			return err
		}
		c.through(clause.Model().Name+" goes", url)
		state, err := pull(client, ctx, api.Part(*part))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.stdout, "paused: "+listOf(state.Paused))
		return err
	})
}

func partNames() []string {
	var names []string
	for _, part := range api.Parts() {
		names = append(names, string(part))
	}
	return names
}

func listOf(parts []api.Part) string {
	if len(parts) == 0 {
		return "nothing"
	}
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = string(part)
	}
	return strings.Join(names, ", ")
}
