package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
)

// profiles measures the conversion of flame graph pages and the comparison of two,
// beside async-profiler's own converter and inferno's.
type profiles struct {
	sidecar, converter, inferno string
	// page is a real page, other is another one of the same program.
	page, other string
	repetitions int
}

// converterArtifact is async-profiler's converter on Maven Central.
const converterArtifact = "tools.profiler:jfr-converter:4.1"

// conversion is one page that both tools convert.
type conversion struct {
	name         string
	page         string // file
	peer, ours   program
	theirs, mine string // files: what each made of it
}

// program is a command that is run several times.
type program struct {
	command []string
	output  string // file for its standard output, if any
	cpu     durations
	peak    []int64 // bytes
}

func (p *profiles) measure(ctx context.Context, _ string) (err error) {
	dir, err := os.MkdirTemp("", "bench-profiles-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if p.converter == "" {
		if p.converter, err = fetchConverter(ctx, dir); err != nil {
			return err
		}
	}
	conversions, err := p.conversions(ctx, dir)
	if err != nil {
		return err
	}
	for range p.repetitions {
		for _, c := range conversions {
			if err := errors.Join(c.peer.run(ctx), c.ours.run(ctx)); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	fmt.Printf("%d conversions each, in turn; load of the machine %s\n", p.repetitions, load())
	if err := printConversions(conversions); err != nil {
		return err
	}
	if p.inferno != "" {
		if err := p.diff(ctx, dir, conversions); err != nil {
			return err
		}
	}
	return compareAll(conversions)
}

// fetchConverter copies the converter from its registry with Maven.
func fetchConverter(ctx context.Context, dir string) (jar string, err error) {
	said, err := exec.CommandContext(ctx, "mvn", "-B", "-q",
		"org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
		"-Dartifact="+converterArtifact, "-DoutputDirectory="+dir, "-Dmdep.stripVersion=true").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("fetching %s: %w: %s (or give a file with --converter)", converterArtifact, err, said)
	}
	return filepath.Join(dir, "jfr-converter.jar"), nil
}

// conversions creates the pages: the converter writes them from collapsed stacks, because
// it cannot read Flink's own pages, which are in the older dialect.
func (p *profiles) conversions(ctx context.Context, dir string) ([]*conversion, error) {
	sources := []struct {
		name string
		make func(file string) error
	}{
		{"one frame", func(file string) error { return os.WriteFile(file, []byte("main 1\n"), 0o600) }},
		{"real", func(file string) error {
			return command(ctx, p.sidecar, "profile", "convert", p.page, "--to=collapsed", "--output="+file)
		}},
		{"generated", func(file string) error { return generate(file, 480_000, 0) }},
		{"generated large", func(file string) error { return generate(file, largeFrames, 0) }},
	}
	var all []*conversion
	for i, s := range sources {
		base := filepath.Join(dir, fmt.Sprint(i))
		c := conversion{name: s.name, page: base + ".html", theirs: base + ".theirs", mine: base + ".ours"}
		if err := s.make(base + ".source"); err != nil {
			return nil, err
		}
		if err := command(ctx, "java", "-jar", p.converter, "-o", "html", base+".source", c.page); err != nil {
			return nil, err
		}
		c.peer.command = []string{"java", "-jar", p.converter, "-o", "collapsed", c.page, c.theirs}
		c.ours.command = []string{p.sidecar, "profile", "convert", c.page, "--to=collapsed", "--output=" + c.mine}
		all = append(all, &c)
	}
	return all, nil
}

func command(ctx context.Context, name string, args ...string) error {
	if said, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return nil
}

// printConversions prints CPU time, user and system, and the peak memory of each program.
// The first conversion shows the cost of the start.
func printConversions(conversions []*conversion) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "page\tMB\tcollapsed MB\tjfrconv\tours\ttimes less\twithout starts\tjfrconv "+
		"memory\tours\ttimes less\t")
	start := conversions[0]
	for _, c := range conversions {
		theirs, ours := median(c.peer.cpu), median(c.ours.cpu)
		most, mine := median(c.peer.peak), median(c.ours.peak)
		fmt.Fprintf(out, "%s\t%.2f\t%.1f\t%s\t%s\t%.1f\t%s\t%.1f MiB\t%.1f MiB\t%.1f\t\n", c.name, megabytes(c.page),
			megabytes(c.mine),
			ms(theirs), ms(ours), theirs.Seconds()/ours.Seconds(),
			less(c != start, theirs-median(start.peer.cpu), ours-median(start.ours.cpu)),
			mebibytes(most), mebibytes(mine), float64(most)/float64(mine))
	}
	return out.Flush()
}

// largeFrames makes a page of 40 MB.
const largeFrames = 3_600_000

// diff compares two real profiles, and two generated ones of which a tenth of the frames
// differs: with our command, which gets pages, and with inferno's, which gets their
// collapsed stacks.
func (p *profiles) diff(ctx context.Context, dir string, conversions []*conversion) error {
	real, large := conversions[1], conversions[3]
	later := filepath.Join(dir, "later")
	if err := generate(later+".source", largeFrames, 1); err != nil {
		return err
	}
	if err := command(ctx, "java", "-jar", p.converter, "-o", "html", later+".source", later+".html"); err != nil {
		return err
	}
	for _, pair := range []struct {
		base *conversion
		next string
	}{{real, p.other}, {large, later + ".html"}} {
		if err := p.diffOf(ctx, pair.base, pair.next, filepath.Join(dir, "next")); err != nil {
			return err
		}
	}
	return nil
}

func (p *profiles) diffOf(ctx context.Context, base *conversion, next, scratch string) error {
	if err := command(ctx, p.sidecar, "profile", "convert", next, "--to=collapsed", "--output="+scratch); err != nil {
		return err
	}
	theirs := program{command: []string{p.inferno, base.mine, scratch}, output: base.theirs + ".diff"}
	ours := program{
		command: []string{p.sidecar, "profile", "diff", "--to=collapsed", base.page, next},
		output:  base.mine + ".diff",
	}
	for range p.repetitions {
		if err := errors.Join(theirs.run(ctx), ours.run(ctx)); err != nil {
			return err
		}
	}
	fmt.Printf("diff of %s: inferno %s and %.1f MiB, ours %s and %.1f MiB: %.1f times less CPU\n", base.name,
		ms(median(theirs.cpu)), mebibytes(median(theirs.peak)), ms(median(ours.cpu)), mebibytes(median(ours.peak)),
		median(theirs.cpu).Seconds()/median(ours.cpu).Seconds())
	return nil
}

func megabytes(file string) float64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return float64(info.Size()) / 1e6
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// run runs the program once and records its CPU time and memory.
func (p *program) run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, p.command[0], p.command[1:]...)
	if p.output != "" {
		file, err := os.Create(p.output)
		if err != nil {
			return err
		}
		defer file.Close()
		cmd.Stdout = file
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", p.command[0], err, said.Bytes())
	}
	peak, err := peakOf(cmd.ProcessState)
	p.peak = append(p.peak, peak)
	p.cpu = append(p.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	return err
}
