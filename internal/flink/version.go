package flink

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// Version is the version a JobManager reports. The zero Version is one that cannot be
// read, for example of a private build.
type Version struct {
	Major, Minor, Patch int
	text                string
}

// maxVersionText bounds the text of a version from a server.
const maxVersionText = 64

// ParseVersion reads "2.3.0", "1.20-SNAPSHOT" or "2.0-preview1". A text that it cannot
// read gives a Version that is not Known and still prints as it was written.
func ParseVersion(text string) Version {
	v := Version{text: plaintext.Line(text, maxVersionText)}
	numbers, _, _ := strings.Cut(text, "-")
	parts := strings.Split(numbers, ".")
	if len(parts) < 2 {
		return v
	}
	for i, field := range []*int{&v.Major, &v.Minor, &v.Patch} {
		if i >= len(parts) {
			break
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < 0 {
			return Version{text: v.text}
		}
		*field = n
	}
	return v
}

// Known reports whether the version could be read.
func (v Version) Known() bool { return v.Major > 0 }

// AtLeast reports whether the version is known and not older than major.minor.
func (v Version) AtLeast(major, minor int) bool {
	return v.Known() && (v.Major > major || v.Major == major && v.Minor >= minor)
}

// Profiling reports whether a JobManager of this version has the profiler,
// which came with Flink 1.19. It may still be switched off there. False for a
// version that is not known.
func (v Version) Profiling() bool { return v.AtLeast(1, 19) }

// String returns the version as the JobManager wrote it.
func (v Version) String() string {
	if v.text == "" && v.Known() {
		return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	}
	return v.text
}
