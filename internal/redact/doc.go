// Package redact masks secrets and addresses in text that leaves the sidecar or
// is shown: prompts for an LLM, exceptions of a job.
//
// It looks at text, not at where the text came from, so that a password in a frame
// name is found as one in a setting is. It prefers to hide too much: advice needs
// no address and no token. Class names, metric names and numbers stay readable.
//
// The package does no I/O.
package redact
