// Package synthetictest contains the common parts of the probe's tests: a history in
// memory and a network in memory. It does not import the probe.
package synthetictest
