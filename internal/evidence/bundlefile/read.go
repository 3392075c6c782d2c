package bundlefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// Bounds of what is read. A bundle of the sidecar has at most eight profiles of less than a
// megabyte each.
const (
	maxFacts    = 8 << 20   // bytes of bundle.json
	maxProfiles = 64        // entries
	maxFile     = 64 << 20  // bytes of a profile; flame's readers take no more after gzip
	maxAll      = 256 << 20 // bytes of all profiles together
	maxText     = 200       // characters of a text from outside in a message
)

// ErrNewer means that a newer sidecar wrote the bundle.
var ErrNewer = errors.New("from a newer sidecar (use that version, or a newer one)")

// Read reads a bundle from a directory. A profile that cannot be used is left out with a
// warning. It is an error if bundle.json cannot be used, or none of its profiles.
func Read(dir string) (b evidence.Bundle, warnings []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return b, nil, fmt.Errorf("%w (give a directory with %s)", err, Name)
	}
	b, warnings, err = read(root)
	if err != nil {
		err = fmt.Errorf("bundle %s: %w", dir, err)
	}
	return b, warnings, errors.Join(err, root.Close())
}

func read(root *os.Root) (b evidence.Bundle, warnings []string, err error) {
	text, err := readFile(root, Name, maxFacts)
	if err != nil {
		return b, nil, fmt.Errorf("%w (write the bundle again)", err)
	}
	d, warnings, err := decode(text)
	if err != nil {
		return b, nil, fmt.Errorf("%s: %w", Name, err)
	}
	b = d.bundle()
	left := int64(maxAll)
	for _, entry := range d.Profiles {
		p, size, err := entry.read(root, left)
		if left -= size; err != nil {
			warnings = append(warnings, fmt.Sprintf("profile %s is not used: %v", shown(entry.File), err))
			continue
		}
		b.Profiles = append(b.Profiles, p)
	}
	if len(d.Profiles) > 0 && len(b.Profiles) == 0 {
		faults := make([]error, len(warnings))
		for i, warning := range warnings {
			faults[i] = errors.New(warning)
		}
		return b, nil, fmt.Errorf("no profile can be used: %w", errors.Join(faults...))
	}
	return b, warnings, nil
}

// decode reads bundle.json. Unknown fields are ignored with a warning.
func decode(text []byte) (d document, warnings []string, err error) {
	if err := json.Unmarshal(text, &d); err != nil {
		// The fields of a newer version may have other types: the version decides first.
		if v := versionOf(text); v > version {
			return d, nil, fmt.Errorf("version %d is %w", v, ErrNewer)
		}
		return d, nil, fault(err)
	}
	switch {
	case d.Version > version:
		return d, nil, fmt.Errorf("version %d is %w", d.Version, ErrNewer)
	case d.isEdited(text):
		return d, nil, errors.New("edited since it was written: its hash differs (write the bundle again, or " +
			"remove the field sha256 at its top if the change is intended)")
	case len(d.Profiles) > maxProfiles:
		return d, nil, fmt.Errorf("%d profiles are more than %d (leave some out)", len(d.Profiles), maxProfiles)
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(new(document)); err != nil {
		warnings = append(warnings, fmt.Sprintf("%s: %s is ignored (correct the name, if it is one of a field)", Name,
			shown(err.Error())))
	}
	return d, warnings, nil
}

// versionOf is the version alone, 0 if there is none.
func versionOf(text []byte) int {
	var only struct{ Version int }
	if err := json.Unmarshal(text, &only); err != nil {
		return 0
	}
	return only.Version
}

// fault says what is wrong with bundle.json.
func fault(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && err.Error() == "unexpected end of JSON input":
		return errors.New("cut off before its end (copy the bundle again)")
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d: %w (correct it)", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("%s has a %s where a %s is needed (correct it)", shown(kind.Field), kind.Value, kind.Type)
	}
	return fmt.Errorf("%s (correct it)", shown(err.Error()))
}

// errOutside means that a path leaves the directory.
var errOutside = errors.New("outside of the bundle's directory (copy the file into the directory and name it there)")

// readFile reads a file of the directory. It opens no symbolic link that leads out, and
// nothing that is not a plain file.
func readFile(root *os.Root, name string, most int64) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, errOutside
	}
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s is missing", shown(name))
	case err != nil:
		return nil, fmt.Errorf("%w (it must be a file in the bundle's directory)", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", shown(name))
	case info.Size() > most:
		return nil, fmt.Errorf("%s has %d bytes, more than %d", shown(name), info.Size(), most)
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, most))
	return content, errors.Join(err, file.Close())
}

func shown(text string) string { return plaintext.Line(text, maxText) }
