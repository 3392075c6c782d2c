package firstconfig

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

// fact is a setting of the job.
type fact struct{ key, value, from string }

// facts are the settings of a job and the arguments of its program, sorted by key.
type facts []fact

// programArgs is the key under which an application cluster keeps the arguments of its
// program.
const programArgs = "$internal.application.program-args"

// userConfig is the prefix of the job's global parameters in its configuration.
const userConfig = "user-config."

// factsOf reads what the job's author told Flink. only is set if the cluster runs no other
// job: then the arguments of the program are those of this job.
func factsOf(ctx context.Context, client *flink.Client, job string, only bool) (facts, error) {
	settings, err := client.JobConfig(ctx, job)
	if err != nil && !flink.NotFound(err) {
		return nil, err
	}
	var told facts
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if name, ours := strings.CutPrefix(key, userConfig); ours {
			told = append(told, fact{name, settings[key], "setting " + name + " of the job"})
		}
	}
	if !only {
		return told, nil
	}
	cluster, err := client.JobManagerConfig(ctx)
	if err != nil {
		return nil, err
	}
	return append(told, argumentFacts(cluster[programArgs])...), nil
}

// word separates the arguments of a program: Flink joins them with semicolons, or writes
// them as a YAML list.
var word = lazyregexp.New(`[^;\s\[\]'",][^;\s\[\]'"]*`)

// argumentFacts reads --key=value and --key value.
func argumentFacts(text string) facts {
	var told facts
	words := word().FindAllString(text, -1)
	for i, w := range words {
		name, isFlag := strings.CutPrefix(w, "--")
		if !isFlag {
			continue
		}
		key, value, joined := strings.Cut(strings.TrimSuffix(name, ","), "=")
		if !joined && i+1 < len(words) && !strings.HasPrefix(words[i+1], "--") {
			value = strings.TrimSuffix(words[i+1], ",")
		}
		told = append(told, fact{key, value, fmt.Sprintf("argument --%s of the job's program", key)})
	}
	return told
}

// What the keys of common jobs look like.
var (
	brokerKey  = lazyregexp.New(`(?i)bootstrap[._-]?servers?$|(^|[._-])brokers?$|kafka[._-]?(servers?|hosts?|url)$`)
	elasticKey = lazyregexp.New(`(?i)(elastic\w*|opensearch|^es)[._-]?(urls?|hosts?|address(es)?|nodes?|endpoints?)$`)
	indexKey   = lazyregexp.New(`(?i)(^|[._-])index([._-]?name)?$`)
	topicKey   = lazyregexp.New(`(?i)topics?([._-]?names?)?$`)
	// sourceKey and failedKey are keys of topics that are no sinks of good records.
	sourceKey = lazyregexp.New(`(?i)(^|[._-])(source|input|in|read|from|consumer?)([._-]|$)`)
	failedKey = lazyregexp.New(`(?i)dead|dlq|error|fail|retry|invalid|reject`)

	topicName = lazyregexp.New(`^[a-zA-Z0-9._-]{1,249}$`)
	indexName = lazyregexp.New(`^[^/\\?"<>| ,#_*A-Z][^/\\?"<>| ,#A-Z]{0,200}$`)
)

// with returns the facts whose key matches and whose value is not empty. The value of a
// list becomes several facts.
func (f facts) with(key *regexp.Regexp) facts {
	var found facts
	for _, told := range f {
		if !key.MatchString(told.key) {
			continue
		}
		for value := range strings.FieldsFuncSeq(told.value, func(r rune) bool { return strings.ContainsRune(",; ", r) }) {
			found = append(found, fact{told.key, value, told.from})
		}
	}
	return found
}

func (f facts) brokers() []Value {
	return f.with(brokerKey()).values(func(text string) (string, bool) {
		_, port, err := net.SplitHostPort(text)
		if err != nil {
			return "", false
		}
		_, err = strconv.ParseUint(port, 10, 16)
		return text, err == nil
	})
}

func (f facts) elasticsearch() []Value {
	return f.with(elasticKey()).values(func(text string) (string, bool) {
		if !strings.Contains(text, "://") {
			text = "http://" + text
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return "", false
		}
		// Credentials do not belong into the file.
		return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), true
	})
}

// topics are the facts that name a topic.
func (f facts) topics() facts {
	return slices.DeleteFunc(f.with(topicKey()), func(t fact) bool { return !topicName().MatchString(t.value) })
}

// indices are the facts that name an index.
func (f facts) indices() facts {
	return slices.DeleteFunc(f.with(indexKey()), func(t fact) bool { return !indexName().MatchString(t.value) })
}

// values turns facts into values, each once, without those that accept refuses.
func (f facts) values(accept func(string) (string, bool)) []Value {
	var all []Value
	for _, told := range f {
		text, ok := accept(told.value)
		known := slices.ContainsFunc(all, func(v Value) bool { return v.Text == text })
		if ok && !known {
			all = append(all, Value{Text: text, From: "found: " + told.from})
		}
	}
	return all
}
