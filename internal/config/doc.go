// Package config is the configuration file of the sidecar. Each section belongs to the
// package that it configures, which also validates it; this package composes the
// sections, reads the file strictly, and reports every fault at once, with its line and
// what to do. [Load] does all of it.
package config
