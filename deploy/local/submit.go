package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

func submitCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("submit",
		"Build the sample job from its present sources and run it in place of the running one. Prints its id.")
	planted := clause.Flag("faults", "Inefficiencies to plant besides the first four: "+faults()+
		"; several with commas.").Strings()
	fixed := clause.Flag("fixed", "Planted inefficiencies to repair, of the same list.").Strings()
	parallelism := clause.Flag("parallelism", "Parallelism of the job.").Default("2").Int()
	archive := clause.Flag("archive", "Absolute path of a directory for the orders as files.").PlaceHolder("DIR").String()
	return command{clause, func(ctx context.Context, c console) error {
		client, err := stack.NewClient(*dir)
		if err != nil {
			return err
		}
		id, err := client.Submit(ctx, stack.JobSpec{
			Planted: splitCommas(*planted), Fixed: splitCommas(*fixed), Parallelism: *parallelism, Archive: *archive,
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.out, id)
		return err
	}}
}
