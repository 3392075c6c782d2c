// Package probes accounts for every probe record that was ever intended. It is a part of the history.
package probes
