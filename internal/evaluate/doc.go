// Package evaluate is one whole turn of the loop on request, as a schedule runs it:
//
//	scale test or probe round ─► profiles ─► advice ─► comparison ─► history ─► notice
//
// Like a scale test it works through the API of a sidecar, so that it is safe beside one that
// runs: the sidecar profiles, advises and stores, and it repeats the alert about a large
// regression. [Run] only asks for each step. The comparison is internal/outcome.
package evaluate
