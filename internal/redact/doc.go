// Package redact masks secrets and addresses in text that leaves the sidecar or
// is shown, for example prompts for an LLM and exceptions of a job.
//
// It treats all text in the same way, wherever it comes from. So it finds a password in the
// name of a frame as well as in a setting. In doubt it masks the text. Class names, metric
// names and numbers stay readable.
//
// It searches in four steps, in this order:
//
//	1  forms      user info in addresses, PEM blocks, prefixes of providers
//	2  names      password=X and similar pairs, with any quotes
//	3  patterns   the rules of gitleaks, as data
//	4  runs       long runs of characters that look random
//
// [Secrets] does these four steps, for text that people work with. [Text] also masks
// addresses and ids, for text that leaves the sidecar.
//
// The package does no I/O.
package redact
