package doctor

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// mergedFix repairs a merge by position; it is a key of the operator, in spec.flinkConfiguration.
var mergedFix = check.Flink("kubernetes.operator.pod-template.merge-arrays-by-name", `"true"`)

// container checks that Kubernetes runs the container that was meant. The Flink Kubernetes Operator
// merges the lists of two pod templates by position unless a setting makes it merge them by name: then
// another container becomes one with that of the sidecar. Outside of Kubernetes there is no result.
func (d *doctor) container(context.Context) []check.Result {
	if !inKubernetes() {
		return nil
	}
	found := &check.Results{Area: "container"}
	foreign := d.foreign()
	if len(foreign) == 0 {
		found.Add("", check.OK, nil, "nothing of another container is in it")
		return found.All
	}
	shown := strings.Join(foreign[:min(len(foreign), maxForeign)], ", ")
	found.Add("", check.Warning, mergedFix, "it has what belongs to another container: %s. The operator has merged the lists "+
		"of two pod templates by position (list flink-main-container first too)", plaintext.Line(shown, maxSays))
	return found.All
}

// maxForeign bounds what is listed.
const maxForeign = 5

// flinkVariables are set in Flink's container by its image, or by Flink for its pods.
var flinkVariables = []string{"FLINK_HOME", "FLINK_CLASSPATH", "_POD_IP_ADDRESS", "ENABLE_BUILT_IN_PLUGINS"}

// foreign lists what is not the sidecar's: variables and mounts of Flink, a Flink that was started
// here, and in the image of the sidecar each mount that neither Kubernetes nor the configuration has.
func (d *doctor) foreign() []string {
	var all []string
	for _, name := range flinkVariables {
		if os.Getenv(name) != "" {
			all = append(all, "variable "+name)
		}
	}
	root := cmp.Or(d.options.Root, "/")
	if command, err := os.ReadFile(filepath.Join(root, "proc/1/cmdline")); err == nil && startsFlink(string(command)) {
		all = append(all, "the command of Flink")
	}
	ours := d.image()
	for _, mount := range mounts(root) {
		if below(mount, "/opt/flink") || below(mount, "/opt/hadoop") || ours && !d.expected(mount) {
			all = append(all, "mount "+mount)
		}
	}
	return all
}

// startsFlink reports whether a command line, its words separated by NUL, starts a process of Flink.
func startsFlink(command string) bool {
	return strings.Contains(command, "org.apache.flink.") || strings.Contains(command, "/docker-entrypoint.sh") ||
		strings.Contains(command, "kubernetes-jobmanager.sh")
}

// mounts are the mount points of this container. Some systems have no such file.
func mounts(root string) []string {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/mountinfo"))
	if err != nil {
		return nil
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 4 {
			all = append(all, fields[4])
		}
	}
	return all
}

// usual are the places that Kubernetes, its helpers for secrets, and our own manifests mount.
var usual = []string{
	"/proc", "/sys", "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/secrets", "/var/run/secrets",
	"/run/.containerenv", "/vault/secrets", "/etc/ssl", "/etc/flink-sidecar", "/etc/flink-sidecar-webhook",
	"/etc/flink-sidecar-password", "/data", "/tmp",
}

// expected reports whether a mount is a usual one, or holds a file that the configuration names.
func (d *doctor) expected(mount string) bool {
	holds := func(path string) bool { return path != "" && below(filepath.Clean(path), mount) }
	return mount == "/" || slices.ContainsFunc(usual, func(place string) bool { return below(mount, place) }) ||
		holds(d.cfg.History.Path) || holds(d.options.File) || slices.ContainsFunc(d.named, holds)
}

// below reports whether a path is a place or inside it.
func below(path, place string) bool { return path == place || strings.HasPrefix(path, place+"/") }
