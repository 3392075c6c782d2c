package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
)

func versionCommand(_ *kingpin.CmdClause) action {
	return func(_ context.Context, c console) error {
		fmt.Fprintln(c.stdout, version.Print("flink-sidecar"))
		return nil
	}
}
