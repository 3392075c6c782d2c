// Package report prints episodes, measurements and advice for people. Texts from outside stay on
// one line, so that they cannot imitate the output.
package report
