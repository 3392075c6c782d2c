package flink

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// MaxClusters is how many clusters one sidecar polls. Each is polled separately and costs
// the memory of its series; beyond this, a second sidecar is the better choice.
const MaxClusters = 32

// ClustersConfig is the section flink: the keys of one cluster and, in addition or
// instead, a list of clusters.
type ClustersConfig struct {
	// Own are the section's own keys; without a URL they are no cluster.
	Own Config `yaml:",inline"`
	// Clusters are additional clusters, or all of them.
	Clusters []Config `yaml:"clusters,omitempty"`
}

// DefaultClusters returns a section that lacks only the URL of its cluster.
func DefaultClusters() ClustersConfig { return ClustersConfig{Own: DefaultConfig()} }

// All lists the clusters, that of the section's own keys first.
func (c *ClustersConfig) All() []Config {
	if c.Own.URL == "" {
		return c.Clusters
	}
	return append([]Config{c.Own}, c.Clusters...)
}

// Only keeps the one cluster at url: a configured one, or else the cluster of the
// section's own keys at this address.
func (c *ClustersConfig) Only(url string) {
	for _, cluster := range c.All() {
		if strings.TrimRight(cluster.URL, "/") == strings.TrimRight(url, "/") {
			c.Own, c.Clusters = cluster, nil
			return
		}
	}
	c.Own.URL, c.Clusters = url, nil
}

// Names lists the names of the clusters in the order of All.
func (c *ClustersConfig) Names() []string {
	var names []string
	for _, cluster := range c.All() {
		names = append(names, cluster.ClusterName())
	}
	return names
}

// Named returns the cluster with a name, or the only one if name is empty.
func (c *ClustersConfig) Named(name string) (Config, bool) {
	all := c.All()
	for _, cluster := range all {
		if cluster.ClusterName() == name || name == "" && len(all) == 1 {
			return cluster, true
		}
	}
	return Config{}, false
}

// Validate returns what is wrong with the section. It sends no request.
func (c *ClustersConfig) Validate() setting.Faults {
	var faults setting.Faults
	if c.Own.URL != "" {
		faults = c.Own.Validate()
	} else if len(c.Clusters) > 0 {
		c.validateLeftover(&faults)
	}
	for i := range c.Clusters {
		faults = append(faults, c.Clusters[i].Validate().Under(fmt.Sprintf("clusters[%d]", i))...)
	}
	if n := len(c.All()); n > MaxClusters {
		faults.Add("clusters", "run another sidecar for the rest",
			"%d clusters are more than the %d that one sidecar looks at", n, MaxClusters)
	}
	c.validateNames(&faults)
	return faults
}

// validateLeftover finds keys that are set without a URL: credentials in the wrong place
// must not go unnoticed.
func (c *ClustersConfig) validateLeftover(faults *setting.Faults) {
	none := DefaultConfig()
	for _, key := range []struct {
		name string
		set  bool
	}{
		{"cluster", c.Own.Cluster != none.Cluster},
		{"timeout", c.Own.Timeout != none.Timeout},
		{"http", !reflect.DeepEqual(c.Own.HTTP, none.HTTP)},
	} {
		if key.set {
			faults.Add(key.name, "move it into the cluster it is for",
				"belongs to no cluster, because url is missing beside it")
		}
	}
}

// validateNames finds clusters with the same name. Two clusters of one host behind a
// proxy have the same name unless the configuration names them.
func (c *ClustersConfig) validateNames(faults *setting.Faults) {
	taken := map[string]string{}
	name := func(path string, cluster *Config) {
		name := cluster.ClusterName()
		if name == "" {
			return // its URL has a fault of its own
		}
		if other, is := taken[name]; is {
			faults.Add(strings.TrimPrefix(path+".cluster", "."), "give each cluster a name of its own",
				"%q is the name of %s too", name, other)
			return
		}
		taken[name] = "flink." + path
		if path == "" {
			taken[name] = "the cluster of flink.url"
		}
	}
	if c.Own.URL != "" {
		name("", &c.Own)
	}
	for i := range c.Clusters {
		name(fmt.Sprintf("clusters[%d]", i), &c.Clusters[i])
	}
}
