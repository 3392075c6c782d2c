package results

import (
	"errors"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/sharding"
)

// Shards gives the groups of shards the statuses of the API.
type Shards struct{ *sharding.Groups }

// Report implements routes.ScaleShards.
func (s Shards) Report(shard scalerun.Shard) (scalerun.Group, error) {
	group, err := s.Groups.Report(shard)
	switch {
	case errors.Is(err, sharding.ErrInvalid):
		err = &api.Error{Status: http.StatusBadRequest, Message: err.Error()}
	case errors.Is(err, sharding.ErrTaken):
		err = &api.Error{Status: http.StatusConflict, Message: err.Error()}
	}
	return group, err
}
