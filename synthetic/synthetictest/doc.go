// Package synthetictest holds what the tests of the probe share: a history in
// memory and a network in memory. It does not import the probe.
package synthetictest
