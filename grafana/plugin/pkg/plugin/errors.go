package plugin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// refused is the answer to a query that is wrong. Who wrote it must correct it, so it counts as
// an error of neither the plugin nor the sidecar's operator, but Grafana knows only the two.
func refused(err error) backend.DataResponse {
	return backend.DataResponse{Error: err, Status: backend.StatusBadRequest, ErrorSource: backend.ErrorSourceDownstream}
}

// fault is an error of the plugin itself. No one else can repair it.
type fault struct{ error }

// Unwrap returns the cause.
func (f fault) Unwrap() error { return f.error }

// ownFault marks an error, if there is one, as one of the plugin.
func ownFault[T any](v T, err error) (T, error) {
	if err != nil {
		err = fault{fmt.Errorf("the plugin: %w (update it, or report this)", err)}
	}
	return v, err
}

// failed is the answer to a query that the sidecar did not answer, or the plugin by a fault of its own.
func failed(err error) backend.DataResponse {
	if own, is := errors.AsType[fault](err); is {
		return backend.DataResponse{Error: own, Status: backend.StatusInternal, ErrorSource: backend.ErrorSourcePlugin}
	}
	status := backend.StatusBadGateway
	var refused *api.Error
	switch {
	case errors.As(err, &refused):
		status = backend.Status(refused.Status)
	case errors.Is(err, context.DeadlineExceeded):
		status = backend.StatusTimeout
	case errors.Is(err, context.Canceled):
		status = backend.Status(499) // what nginx calls a client that went away
	}
	return backend.DataResponse{Error: explained(err), Status: status, ErrorSource: backend.ErrorSourceDownstream}
}

// explained adds what to do in Grafana.
func explained(err error) error {
	var refused *api.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("%w (check the URL of the data source, and that the sidecar runs)", err)
	}
	switch refused.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w (check token or password of the data source)", err)
	case http.StatusMisdirectedRequest:
		return fmt.Errorf("%w (the name is the host in the URL of the data source; an IP address is always known)", err)
	}
	return err
}
