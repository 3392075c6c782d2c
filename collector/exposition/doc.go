// Package exposition is the collector's page of metrics: its families, and how the
// results of a poll become their series. A page is built once per poll; a scrape only
// sends it. Labels from outside are made valid and bounded here, no series appears twice,
// and missing values are named.
package exposition
