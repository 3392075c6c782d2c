package kafka

import "context"

// until asks, and returns when ctx ends even if ask does not. The client of Kafka does not look at the
// context while it opens a connection: a broker that takes connections and is silent would hold a
// stopping sidecar for the whole timeout. Then ask ends later, with its client.
func until[T any](ctx context.Context, ask func() (T, error)) (answer T, err error) {
	type reply struct {
		answer T
		err    error
	}
	replies := make(chan reply, 1)
	go func() {
		answer, err := ask()
		replies <- reply{answer, err}
	}()
	select {
	case r := <-replies:
		return r.answer, r.err
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}
