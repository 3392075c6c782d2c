package doctor

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// The places into which a line about a container is pasted.
const (
	inRun  = "the docker run of this container"
	inHost = "a shell of the Docker host"
)

// image reports whether this is the image of the sidecar: it has no shell. deploy/docker/root makes
// the file.
func (d *doctor) image() bool {
	_, err := os.Stat(filepath.Join(cmp.Or(d.options.Root, "/"), "zoneinfo.zip"))
	return err == nil
}

// inDocker reports whether this is the image, and Docker or another engine on one machine runs it.
func (d *doctor) inDocker() bool { return !inKubernetes() && d.image() }

// ownInDocker is the fix for a path in a container that this user can't write. A directory of the host
// belongs to a person, so the sidecar becomes this person. What belongs to root, for example because
// the engine made it, gets another owner from a container that has a shell.
func ownInDocker(path string) *check.Fix {
	if owner, err := ownerOf(path); err == nil && owner.Uid != 0 && int(owner.Uid) != os.Getuid() {
		return &check.Fix{In: inRun, Line: fmt.Sprintf("--user=%d:%d", owner.Uid, owner.Gid)}
	}
	id := containerID()
	switch {
	case id == "" && below(path, "/data"): // the engine gives a new volume here to the user of the image
		return &check.Fix{In: inRun, Line: "--volume=flink-sidecar:/data"}
	case id == "":
		return nil
	}
	return &check.Fix{In: inHost, Line: fmt.Sprintf("docker run --rm --volumes-from=%s busybox chown %d %s", id, os.Getuid(),
		check.Quoted(path))}
}

// containerID is the id that an engine makes the name of the host, empty for another name.
func containerID() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return idIn(name)
}

// idIn is a name of twelve hexadecimal digits, empty for another one.
func idIn(name string) string {
	if id, err := hex.DecodeString(name); err != nil || len(id) != 6 {
		return ""
	}
	return name
}

// joinGroup lets the sidecar read a file in a container that its group may read; nil for another file.
func joinGroup(path string) *check.Fix {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o040 == 0 {
		return nil
	}
	owner, err := ownerOf(path)
	if err != nil {
		return nil
	}
	return &check.Fix{In: inRun, Line: fmt.Sprintf("--group-add=%d", owner.Gid)}
}

// ownerOf is whose a file is.
func ownerOf(path string) (*syscall.Stat_t, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat, nil
	}
	return nil, fs.ErrInvalid
}
