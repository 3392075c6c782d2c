package doctor

import (
	"os"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// inKubernetes reports whether this is a container of Kubernetes. The image has no shell, so that no
// command can be pasted there.
func inKubernetes() bool { return os.Getenv("KUBERNETES_SERVICE_HOST") != "" }

// imageGroup gives a volume to the group of the image. Kubernetes adds the group to the user of the pod.
const imageGroup = "fsGroup: 65532"

// own is the fix for a path of the history that this user can't write: its owner, and the mode that
// chmod takes. In Kubernetes the pod says whose a volume is.
func (d *doctor) own(path, mode string) *check.Fix {
	switch {
	case inKubernetes():
		return &check.Fix{In: "securityContext of the pod", Line: imageGroup}
	case d.inDocker():
		return ownInDocker(path)
	}
	return check.Shell("sudo chown %d %s && chmod %s %s", os.Getuid(), check.Quoted(path), mode, check.Quoted(path))
}

// addMissing adds the result for a directory that does not exist. In a container it is the place of a
// volume.
func (d *doctor) addMissing(found *check.Results, name, dir, loss string) {
	if inKubernetes() || d.inDocker() {
		found.Add(name, check.Failed, nil, "directory %s does not exist: %s (mount a volume there, or correct the path)", dir, loss)
		return
	}
	found.Add(name, check.Failed, check.Shell("install -d -m 0700 %s", check.Quoted(dir)), "directory %s does not exist: %s",
		dir, loss)
}
