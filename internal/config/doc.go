// Package config reads the configuration file of the sidecar. Each section belongs to
// the package that it configures, which also validates it. This package combines the
// sections, rejects unknown keys, and reports all faults at once, each with its line
// and what to do. [Load] does all of it.
package config
