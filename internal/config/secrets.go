package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// harmless lists the keys whose values a message may repeat: numbers, times, choices
// and names. The value of any other key may be a secret, for example by a mistake.
var harmless = []string{
	"cluster", "job", "topic", "index", "name", "interval", "poll_interval", "duration", "cooldown", "per_day", "keep",
	"keep_size", "modes", "mode", "key_mode", "ingested", "type", "aggregate", "match", "exclude", "scale", "window", "horizon",
	"threshold", "fraction_of_max", "severity", "delivery", "every", "settle", "min_samples", "provider", "model",
	"listen_address", "max_series", "max_user_series", "taskmanager_details", "on_time_within", "cutoff",
	"max_rate", "read_budget", "timeout", "on_alert", "allow_wall", "control", "cleanup", "mechanism",
	"refresh_interval",
	"max_output_tokens", "requests_per_day", "keep_firing_for", "for", "seed_field", "api_type", "reasoning_effort",
	"signal", "direction", "multiple_of_median", "shipped_rules", "predict", "disabled", "symptom", "vertex", "process", "profile",
	"annotate", "advise", "notify",
}

// addresses are keys whose values are shown if they are a plain address.
var addresses = []string{"url", "urls", "base_url", "external_url", "brokers"}

// mayBeShown reports whether a message may repeat the value at a path.
func mayBeShown(path string) bool { return slices.Contains(harmless, keyOf(path)) }

// keyOf is the last key of a path, without an index.
func keyOf(path string) string {
	key := path[strings.LastIndex(path, ".")+1:]
	key, _, _ = strings.Cut(key, "[")
	return key
}

// secrets are the values of a file that no message may repeat.
type secrets []string

// hidden replaces a value that is not shown.
const hidden = "(value not shown)"

// shortest is the length from which a value is hidden, because shorter ones occur
// inside words.
const shortest = 4

// secrets collects the values under keys that are not in harmless.
func (d *document) secrets() secrets {
	var found secrets
	var walk func(node *yaml.Node, key string, depth int)
	walk = func(node *yaml.Node, key string, depth int) {
		if node == nil || depth > maxDepth {
			return
		}
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				walk(node.Content[i+1], node.Content[i].Value, depth+1)
			}
		case yaml.SequenceNode:
			for _, item := range node.Content {
				walk(item, key, depth+1)
			}
		case yaml.ScalarNode:
			if len(node.Value) >= shortest && !slices.Contains(harmless, key) && !plainAddress(key, node.Value) {
				found = append(found, node.Value)
			}
		}
	}
	walk(d.root, "", 0)
	// The longest first, because one value may contain another.
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}

// plainAddress reports whether a value looks like an address without a user or a query.
func plainAddress(key, value string) bool {
	return slices.Contains(addresses, key) && strings.ContainsAny(value, ".:") && !strings.ContainsAny(value, "@?#")
}

// hide replaces the values in a message, in any quoting.
func (s secrets) hide(text string) string {
	for _, value := range s {
		quoted := strconv.Quote(value)
		for _, form := range []string{
			quoted, quoted[1 : len(quoted)-1], value, url.QueryEscape(value),
			url.PathEscape(value),
		} {
			text = strings.ReplaceAll(text, form, hidden)
		}
	}
	return text
}
