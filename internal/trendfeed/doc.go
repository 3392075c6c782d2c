// Package trendfeed passes what a collector polled to the trends, and keeps the recent past in the
// history, so that a restart does not blind them.
package trendfeed
