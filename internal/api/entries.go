package api

import (
	"context"
	"encoding/json"
)

// EntriesRequest is the body of POST /api/v1/history/entries.
type EntriesRequest struct {
	// Kind is episodes, measurements, epochs, scaletests or evaluations.
	Kind string `json:"kind"`
	// Entries are as the history of another sidecar lists them.
	Entries []EntryLine `json:"entries"`
	// Check stores nothing: it only says whether the entries can be stored.
	Check bool `json:"check,omitempty"`
}

// EntryLine is an entry and its line in a file.
type EntryLine struct {
	Line  int             `json:"line"`
	Entry json.RawMessage `json:"entry"`
}

// EntriesReceipt counts what was stored.
type EntriesReceipt struct {
	// Added are new, Known were there already. Unfinished are episodes that had not ended and are left
	// out: they belong to the sidecar that began them.
	Added      int `json:"added"`
	Known      int `json:"known"`
	Unfinished int `json:"unfinished"`
}

// Plus adds the counts of a further receipt.
func (r EntriesReceipt) Plus(more EntriesReceipt) EntriesReceipt {
	return EntriesReceipt{r.Added + more.Added, r.Known + more.Known, r.Unfinished + more.Unfinished}
}

// ImportEntries has the sidecar store entries of another history, all of the request or none.
func (c *Client) ImportEntries(ctx context.Context, request EntriesRequest) (EntriesReceipt, error) {
	return post[EntriesReceipt](ctx, c, "history/entries", request)
}
