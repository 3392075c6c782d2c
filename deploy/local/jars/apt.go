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
	Log string // file that is appended to
}

// monitoring are the packages of Prometheus() with a program of each.
var monitoring = []struct{ pkg, program string }{
	{"prometheus", "usr/bin/prometheus"},
	{"prometheus-alertmanager", "usr/bin/prometheus-alertmanager"},
}

// Debian builds the place of templates and pages into its programs. To find them where
// they are unpacked, the path is made relative, and no shorter: the programs must be
// run in the folder they were unpacked to.
var (
	installedAt = []byte("/usr/share/prometheus")
	unpackedAt  = []byte("usr//share/prometheus")
)

// Prometheus is the file tree of Debian's Prometheus and Alertmanager; usr/bin has the
// programs, which must be run in this folder. It depends on no sources: whatever the
// distribution offers when it is first asked is kept.
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

// relocate makes a program look for its files below its working directory.
func relocate(program string) error {
	code, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	return os.WriteFile(program, bytes.ReplaceAll(code, installedAt, unpackedAt), 0o755)
}

// unpack downloads a package and lays its files out in dir.
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

// download puts the .deb into work. A machine whose package lists are empty, as those
// of fresh containers are, gets lists of its own below work: the system's are root's.
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
