package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// The pauses between two requests for an episode: it may end within a second, and
// profiles take half a minute or more.
const (
	firstLook   = 200 * time.Millisecond
	slowestLook = 2 * time.Second
)

// Concluded reports whether an episode's advice is complete. Its announcement may still
// be waiting for a receiver.
func Concluded(e episode.Episode) bool { return e.State == episode.Announcing || e.State.Final() }

// Finished reports whether an episode will not change any more.
func Finished(e episode.Episode) bool { return e.State.Final() }

// Await polls an episode until enough returns true for it, for example [Concluded] or
// [Finished], and returns it as it is then. It ends with an
// error when ctx does, or when the sidecar does not answer or does not know the
// episode; it returns what it saw last then.
func (c *Client) Await(ctx context.Context, id string, enough func(episode.Episode) bool) (episode.Episode, error) {
	var last episode.Episode
	for pauses := wait.Backoff(firstLook, slowestLook); ; {
		e, found, err := c.Episode(ctx, id)
		switch {
		case err != nil:
			return last, err
		case !found:
			return last, &Error{
				http.StatusNotFound,
				fmt.Sprintf("there is no episode %s (sidecar history list names them)", id),
			}
		case enough(e):
			return e, nil
		}
		last = e
		if wait.For(ctx, pauses.NextBackOff()) != nil {
			return last, fmt.Errorf("waiting for episode %s, which is %s: %w", id, e.State, context.Cause(ctx))
		}
	}
}
