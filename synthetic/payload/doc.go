// Package payload makes the content of synthetic records: a seed that is found again in any
// format, and a JSON value from the operator's template or from recorded records.
package payload
