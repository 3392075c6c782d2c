// Package redact masks secrets and addresses in text that leaves the sidecar or
// is shown: prompts for an LLM, exceptions of a job.
//
// It looks at text, not at where the text came from, so that a password in a frame
// name is found as one in a setting is. It prefers to hide too much. Class names,
// metric names and numbers stay readable.
//
// Four things are looked for, in this order:
//
//	1  forms      user info in addresses, PEM blocks, prefixes of providers
//	2  names      password=X and its kin, in any quoting
//	3  patterns   the rules of gitleaks, as data
//	4  runs       long runs of characters that look random
//
// [Secrets] stops there, for text that people act on. [Text] masks addresses and ids
// as well, for text that leaves.
//
// The package does no I/O.
package redact
