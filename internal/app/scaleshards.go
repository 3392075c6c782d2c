package app

import (
	"errors"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/sharding"
)

// scaleShards gives the groups of shards the statuses of the API.
type scaleShards struct{ *sharding.Groups }

// Report implements api.ScaleShards.
func (s scaleShards) Report(shard episode.ScaleShard) (episode.ScaleGroup, error) {
	group, err := s.Groups.Report(shard)
	switch {
	case errors.Is(err, sharding.ErrInvalid):
		err = &api.Error{Status: http.StatusBadRequest, Message: err.Error()}
	case errors.Is(err, sharding.ErrTaken):
		err = &api.Error{Status: http.StatusConflict, Message: err.Error()}
	}
	return group, err
}
