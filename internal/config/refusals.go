package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/units"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// shapes say how a value of a type is written. The errors of these types repeat the value.
var shapes = map[reflect.Type]string{
	reflect.TypeFor[model.Duration]():   "a duration such as 30s, 15m or 7d",
	reflect.TypeFor[units.Base2Bytes](): "a size such as 512KiB or 64MiB",
	reflect.TypeFor[commoncfg.URL]():    "an address such as http://host:3128",
}

// shown is a value in quotes, or words for one that a message must not repeat.
func (p part) shown() string {
	if p.node.Kind == yaml.ScalarNode && mayBeShown(p.path) {
		return strconv.Quote(p.node.Value)
	}
	return "the value"
}

// httpTexts are beginnings of what prometheus/common says of settings of http_config that do not go
// together. They hold names of keys only, so that a message may repeat them.
var httpTexts = []string{
	"at most one of bearer_token &", "at most one of basic_auth", "at most one of authorization credentials",
	"at most one of oauth2", "authorization is not compatible with", "authorization type cannot be set to \"basic\"",
	"oauth2 client_id must", "oauth2 token_url must", "valid signature algorithms are", "at most one of ca,",
	"at most one of cert,", "at most one of key and", "exactly one of key or", "exactly one of cert or",
	"if proxy_connect_header is", "if proxy_from_environment is", "if no_proxy is",
}

// isHTTPText reports whether a message is one of prometheus/common's about keys.
func isHTTPText(text string) bool {
	return slices.ContainsFunc(httpTexts, func(begin string) bool {
		return strings.HasPrefix(text, begin)
	})
}
