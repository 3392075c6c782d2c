package elasticsearchtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// privileges answers for the user: which privileges it has on the index.
func (f *Server) privileges(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Index []struct{ Names, Privileges []string }
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.Index) != 1 {
		Error(w, http.StatusBadRequest, "parse_exception", "index")
		return
	}
	all, of := true, map[string]bool{}
	for _, privilege := range asked.Index[0].Privileges {
		of[privilege] = f.Privileges == nil || slices.Contains(f.Privileges, privilege)
		all = all && of[privilege]
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"username": "probe", "has_all_requested": all, "index": map[string]any{asked.Index[0].Names[0]: of},
	})
}

// administrate answers what an administrator changes: a new index, its mapping and settings,
// and a role, which the user of the probe has.
func (f *Server) administrate(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Mappings   struct{ Properties map[string]property }
		Properties map[string]property
		Index      struct {
			RefreshInterval string `json:"refresh_interval"`
		}
		Indices []struct{ Names, Privileges []string }
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		Error(w, http.StatusBadRequest, "parse_exception", err.Error())
		return
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/_security/role/"):
		f.Privileges = body.Indices[0].Privileges
	case strings.HasSuffix(path, "/_settings"):
		f.RefreshInterval = body.Index.RefreshInterval
	case strings.HasSuffix(path, "/_mapping"):
		if m := f.Indices[f.writeIndex()]; m.Type != body.Properties["seed"].Type {
			Error(w, http.StatusBadRequest, "illegal_argument_exception",
				"mapper [seed] cannot be changed from type ["+m.Type+"] to ["+body.Properties["seed"].Type+"]")
			return
		}
		f.Indices[f.writeIndex()] = body.Properties["seed"].mapping()
	default:
		f.Index = strings.TrimPrefix(path, "/")
		f.Indices = map[string]*Mapping{f.Index: body.Mappings.Properties["seed"].mapping()}
	}
	_ = json.NewEncoder(w).Encode(map[string]bool{"acknowledged": true})
}

// property is the mapping of a field in a request.
type property struct {
	Type        string
	IgnoreAbove int `json:"ignore_above"`
	Fields      map[string]property
}

func (p property) mapping() *Mapping {
	return &Mapping{Type: p.Type, IgnoreAbove: p.IgnoreAbove, Keyword: p.Fields["keyword"].Type == "keyword"}
}
