package api

import (
	"context"
	"encoding/json"
	"fmt"
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

// Say is the receipt in words, of entries of a kind.
func (r EntriesReceipt) Say(kind string) string {
	text := fmt.Sprintf("imported %d %s", r.Added, kind)
	if r.Known > 0 {
		text += fmt.Sprintf(", %d were there already", r.Known)
	}
	if r.Unfinished > 0 {
		text += fmt.Sprintf(", %d had not ended and are left out", r.Unfinished)
	}
	return text
}

// Plus adds the counts of a further receipt.
func (r EntriesReceipt) Plus(more EntriesReceipt) EntriesReceipt {
	return EntriesReceipt{r.Added + more.Added, r.Known + more.Known, r.Unfinished + more.Unfinished}
}

// ImportEntries has the sidecar store entries of another history, all of the request or none.
func (c *Client) ImportEntries(ctx context.Context, request EntriesRequest) (EntriesReceipt, error) {
	return post[EntriesReceipt](ctx, c, "history/entries", request)
}
