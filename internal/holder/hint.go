package holder

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"syscall"
)

// hinting adds to a sidecar that does not answer, to a refused login, and to an unknown certificate
// what to do about it.
type hinting struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t hinting) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(r)
	if unknown, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return nil, fmt.Errorf("the running sidecar's certificate: %w (set web.client.tls_config.ca_file, and "+
			"server_name if the certificate has another name, in the configuration of this command)", unknown)
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return nil, fmt.Errorf("it does not answer: %w (start it with sidecar run, or correct its address)", errno)
	}
	if err == nil && answer.StatusCode == http.StatusUnauthorized {
		return nil, errors.Join(errors.New("the running sidecar asks for a password "+
			"(set web.client.basic_auth in the configuration of this command)"), answer.Body.Close())
	}
	return answer, err
}
