package jars

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Apt fetches programs out of Debian packages without installing them: nothing is
// configured, no service is started, and root is not needed.
type Apt struct {
	Log string // output is appended to this file
}

// monitoring are the packages of Prometheus(), each with its program.
var monitoring = []struct{ pkg, program string }{
	{"prometheus", "usr/bin/prometheus"},
	{"prometheus-alertmanager", "usr/bin/prometheus-alertmanager"},
}

// Debian compiles the path of templates and pages into its programs. To make them work
// where they are unpacked, the path becomes relative, with the same length: the programs
// must run in the folder they were unpacked to.
var (
	installedAt = []byte("/usr/share/prometheus")
	unpackedAt  = []byte("usr//share/prometheus")
)

// Prometheus is the file tree of Debian's Prometheus and Alertmanager; usr/bin has the
// programs, which must run in this folder. It has no sources, so the first version that
// the distribution offers is kept.
func (w Workshop) Prometheus() Project {
	return Project{
		Name: "prometheus",
		Salt: fmt.Sprintf("%s %s", monitoring, unpackedAt),
		Build: func(ctx context.Context, dir string) error {
			for _, part := range monitoring {
				if err := w.Apt.unpack(ctx, part.pkg, dir); err != nil {
					return err
				}
				program := filepath.Join(dir, part.program)
				if _, err := os.Stat(program); err != nil {
					return fmt.Errorf("the package %s has no %s", part.pkg, part.program)
				}
				if err := relocate(program); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// relocate makes a program find its files below its working directory.
func relocate(program string) error {
	code, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	return os.WriteFile(program, bytes.ReplaceAll(code, installedAt, unpackedAt), 0o755)
}

// unpack downloads a package and extracts its files to dir.
func (a Apt) unpack(ctx context.Context, pkg, dir string) error {
	work, err := os.MkdirTemp("", "flink-sidecar-apt")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := a.download(ctx, pkg, work); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(work, pkg+"_*.deb"))
	if err != nil || len(files) != 1 {
		return fmt.Errorf("apt-get download %s left %d packages", pkg, len(files))
	}
	return a.run(ctx, work, "dpkg-deb", "-x", files[0], dir)
}

// download puts the .deb into work. A machine without package lists, such as a fresh
// container, gets its own lists below work, because only root may update those of the
// system.
func (a Apt) download(ctx context.Context, pkg, work string) error {
	// The _apt user that downloads as root may not write to a directory of ours.
	options := []string{"-o", "APT::Sandbox::User="}
	first := a.run(ctx, work, "apt-get", append(options, "download", pkg)...)
	if first == nil || ctx.Err() != nil {
		return first
	}
	lists := filepath.Join(work, "lists")
	if err := os.MkdirAll(filepath.Join(lists, "partial"), 0o700); err != nil {
		return err
	}
	options = append(options, "-o", "Dir::State::lists="+lists, "-o", "Dir::Cache="+work)
	if err := a.run(ctx, work, "apt-get", append(options, "update")...); err != nil {
		return errors.Join(first, err)
	}
	return a.run(ctx, work, "apt-get", append(options, "download", pkg)...)
}

func (a Apt) run(ctx context.Context, dir, program string, args ...string) error {
	log, err := os.OpenFile(a.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Fprintf(log, "$ %s %s\n", program, strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w (see %s)", program, strings.Join(args, " "), err, a.Log)
	}
	return nil
}
