// Package lookup is the customer service that the sample job calls for every order.
//
// It stands for the small internal HTTP service that enrichment jobs usually depend on:
// correct, always up, and a few milliseconds away. Those milliseconds matter: a job that
// waits for each answer in turn is limited to 1/delay records per second and subtask,
// which is one of the inefficiencies planted in the sample job.
//
// GET /customers/{id} answers {"customerId","tier","region"}. Every customer exists; tier
// and region follow from the id alone, so that two runs enrich alike.
package lookup

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/listen"
)

// DefaultDelay is how long an answer takes unless the user says otherwise.
const DefaultDelay = 2 * time.Millisecond

// longestID bounds the id of a customer.
const longestID = 64

var (
	// A sixteenth of the customers are gold, a quarter silver.
	tiers   = [16]string{"gold", "silver", "silver", "silver", "silver"}
	regions = [4]string{"emea", "amer", "apac", "latam"}
)

// Customer is one answer.
type Customer struct {
	ID     string `json:"customerId"`
	Tier   string `json:"tier"` // gold, silver or basic
	Region string `json:"region"`
}

// Find returns the customer of an id.
func Find(id string) Customer {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(id)) // never fails
	sum := hash.Sum32()
	tier := tiers[sum%16]
	if tier == "" {
		tier = "basic"
	}
	return Customer{ID: id, Tier: tier, Region: regions[sum/16%4]}
}

// Service is the customer service.
type Service struct {
	delay atomic.Int64 // in nanoseconds
}

// New returns a service that answers after delay.
func New(delay time.Duration) *Service {
	s := &Service{}
	s.SetDelay(delay)
	return s
}

// SetDelay changes how long the next answers take, and returns what it was before. A job whose
// lookups become slower can read less and less.
func (s *Service) SetDelay(delay time.Duration) (before time.Duration) {
	return time.Duration(s.delay.Swap(int64(delay)))
}

// Delay is how long an answer takes.
func (s *Service) Delay() time.Duration { return time.Duration(s.delay.Load()) }

// Handler answers requests.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /customers/{id}", func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		if len(id) > longestID {
			http.Error(w, fmt.Sprintf("a customer id has at most %d characters", longestID), http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(s.Delay()):
		case <-r.Context().Done():
			return // the client has disconnected
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(Find(id)) // the client may have disconnected
	})
	return mux
}

// Run serves on address (host:port) until ctx is done. ready is called once the service
// listens.
func (s *Service) Run(ctx context.Context, address string, ready func()) error {
	return listen.Serve(ctx, address, s.Handler(), time.Second+s.Delay(), ready)
}
