package elasticsearch

import "github.com/flink-sidecar/flink-sidecar/internal/episode"

// hops are the names of a sink's hops; a name is empty if the hop is not measured.
type hops struct{ ingested, indexed, visible string }

// nextHops names the hops of the next sink. The first sink has the plain names, so that a
// pipeline with one index needs no further name. The job reads a record once: only the first
// sink with a stamp of that measures it.
func (c *Cluster) nextHops(name string, cfg *SinkConfig) hops {
	suffix := ""
	if c.sinks > 0 {
		suffix = "_" + name
	}
	c.sinks++
	h := hops{visible: episode.HopVisible + suffix}
	if cfg.IndexedField != "" {
		h.indexed = episode.HopIndexed + suffix
	}
	if cfg.IngestedField != "" && !c.ingested {
		h.ingested, c.ingested = episode.HopIngested, true
	}
	return h
}

// list returns the names in the order in which a record passes the hops.
func (h hops) list() []string {
	var names []string
	for _, name := range []string{h.ingested, h.indexed, h.visible} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// stampFields are the fields with time stamps, by hop.
func (h hops) stampFields(cfg *SinkConfig) map[string]string {
	fields := map[string]string{}
	if h.ingested != "" {
		fields[h.ingested] = cfg.IngestedField
	}
	if h.indexed != "" {
		fields[h.indexed] = cfg.IndexedField
	}
	return fields
}

// setting is the key of the field of a hop.
func (h hops) setting(hop string) string {
	if hop == h.ingested {
		return "ingested_field"
	}
	return "indexed_field"
}
