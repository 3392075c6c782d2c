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

// failed is the answer to a query that the sidecar did not answer.
func failed(err error) backend.DataResponse {
	status := backend.StatusBadGateway
	var fault *api.Error
	switch {
	case errors.As(err, &fault):
		status = backend.Status(fault.Status)
	case errors.Is(err, context.DeadlineExceeded):
		status = backend.StatusTimeout
	case errors.Is(err, context.Canceled):
		status = backend.Status(499) // what nginx calls a client that went away
	}
	return backend.DataResponse{Error: explained(err), Status: status, ErrorSource: backend.ErrorSourceDownstream}
}

// explained adds what to do in Grafana.
func explained(err error) error {
	var fault *api.Error
	if !errors.As(err, &fault) {
		return fmt.Errorf("%w (check the URL of the data source, and that the sidecar runs)", err)
	}
	switch fault.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w (check token or password of the data source)", err)
	}
	return err
}
