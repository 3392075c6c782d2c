// Package redirect says which redirects an HTTP client of the sidecar follows: those of the
// same host. Another host is more often a login page than the server that was asked, and
// must receive neither our headers, any of which may be a secret, nor what we send.
package redirect

import (
	"errors"
	"net/http"
)

// most is how many redirects in a row are followed.
const most = 5

// SameHost is a CheckRedirect that follows redirects of the same scheme and host only. A
// redirect that is not followed is returned as the answer.
func SameHost(next *http.Request, before []*http.Request) error {
	if next.URL.Host != before[0].URL.Host || next.URL.Scheme != before[0].URL.Scheme || len(before) > most {
		return http.ErrUseLastResponse
	}
	return nil
}

// ErrRefused is why a request failed whose answer was a redirect, see [Refuse].
var ErrRefused = errors.New("it redirects")

// Refuse is a CheckRedirect that follows none, because a redirected POST becomes a GET, and because
// a token or a password belongs to one host.
func Refuse(*http.Request, []*http.Request) error { return ErrRefused }
