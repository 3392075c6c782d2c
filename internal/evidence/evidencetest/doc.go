// Package evidencetest creates profiles for tests: recorded profiles, and synthetic ones
// with known shares.
package evidencetest
