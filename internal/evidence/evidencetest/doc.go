// Package evidencetest makes profiles for tests: recorded ones, and planted ones
// whose shares are known.
package evidencetest
