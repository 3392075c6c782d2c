package redact

import (
	"net/netip"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

var (
	email   = lazyregexp.New(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`)
	address = lazyregexp.New(`[\w.:]*[\w:]`)
)

// maskAddress masks a candidate that netip parses as an address. Times such as 12:34:56 and
// versions such as 1.20.5 are not addresses.
func maskAddress(candidate string) string {
	if !strings.ContainsAny(candidate, "0123456789abcdefABCDEF") {
		return candidate // the :: in a C++ name
	}
	if _, err := netip.ParseAddr(candidate); err == nil {
		return Masked
	}
	host, port, ok := strings.Cut(candidate, ":")
	if _, err := netip.ParseAddr(host); ok && err == nil {
		return Masked + ":" + port
	}
	return candidate
}
