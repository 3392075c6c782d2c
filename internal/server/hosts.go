package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// hosts are the names by which requests may address the sidecar. A page on the web whose
// name was made to point here (DNS rebinding) has another one.
type hosts struct {
	exact  map[string]bool
	suffix []string // with their leading dot
}

func newHosts(cfg Config) hosts {
	h := hosts{exact: map[string]bool{"localhost": true, "": true}}
	for _, name := range cfg.AllowedHosts {
		if below, ok := strings.CutPrefix(name, "*"); ok {
			h.suffix = append(h.suffix, plainHost(below))
			continue
		}
		h.exact[plainHost(name)] = true
	}
	if external, err := url.Parse(cfg.ExternalURL); err == nil {
		h.exact[plainHost(external.Host)] = true
	}
	return h
}

// allow reports whether a Host header is one of ours. An address is: no page on the web
// has an address as its name and is another one's at the same time.
func (h hosts) allow(header string) bool {
	name := plainHost(header)
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil || h.exact[name] {
		return true
	}
	for _, suffix := range h.suffix {
		if strings.HasSuffix(name, suffix) && len(name) > len(suffix) {
			return true
		}
	}
	return false
}

// plainHost is a host without its port, in lower case and without the dot at its end.
func plainHost(header string) string {
	if name, _, err := net.SplitHostPort(header); err == nil {
		header = name
	}
	return strings.ToLower(strings.TrimSuffix(header, "."))
}

// viaLoopback reports whether a request came to a loopback address, which only this
// machine (in Kubernetes, this pod) can reach. A request without an address is a test's.
func viaLoopback(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return !ok || local.IP.IsLoopback()
}
