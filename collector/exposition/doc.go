// Package exposition is the collector's page of metrics: the families that it may hold,
// and how what a poll found becomes their series. A page is put together once per poll; a
// scrape only hands it out. Labels from outside are made valid and bounded here, no series
// is there twice, and what is missing is named.
package exposition
