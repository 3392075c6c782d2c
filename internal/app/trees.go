package app

import (
	"errors"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// trees are the stored profiles, with errors that say whose fault they are.
type trees struct{ pages *pagestore.Store }

// Tree reads a profile by its hash.
func (t trees) Tree(hash string) (*flame.Tree, error) {
	tree, err := t.pages.Tree(hash)
	switch {
	case errors.Is(err, pagestore.ErrNoHash):
		err = &api.Error{Status: http.StatusBadRequest, Message: err.Error()}
	case errors.Is(err, pagestore.ErrMissing):
		err = &api.Error{Status: http.StatusNotFound, Message: err.Error()}
	}
	return tree, err
}
