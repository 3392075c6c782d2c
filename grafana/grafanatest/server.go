// Package grafanatest is the part of Grafana's HTTP API that annotations need. It behaves
// as observed on a real Grafana 12.2, oddities included. It is for tests, and for stacks
// that have no Grafana.
package grafanatest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Roles of a service account.
const (
	Viewer = "Viewer"
	Editor = "Editor"
)

// Annotation is one annotation as it is stored. Times are epoch milliseconds.
type Annotation struct {
	ID           int64    `json:"id"`
	AlertID      int64    `json:"alertId"`
	DashboardUID string   `json:"dashboardUID"`
	PanelID      int64    `json:"panelId"`
	Time         int64    `json:"time"`
	TimeEnd      int64    `json:"timeEnd"`
	Text         string   `json:"text"`
	Tags         []string `json:"tags"`
	Login        string   `json:"login"`
}

// Server answers requests. Set its fields before the first.
type Server struct {
	// Token is the one valid token, of a service account with Role.
	Token string
	// Role is Viewer or Editor; empty means Editor.
	Role string
	// Anonymous lets requests without a valid token in, as Viewer.
	Anonymous bool
	// Dashboards are the uids that exist.
	Dashboards []string

	mu     sync.Mutex
	stored []Annotation
	last   int64
	posts  int
}

// maxTag is Grafana's [annotations] tags_length.
const maxTag = 500

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusOK, map[string]string{"database": "ok", "version": "12.2.0"})
	})
	mux.Handle("GET /api/annotations", s.as(Viewer, s.list))
	mux.Handle("GET /api/dashboards/uid/{uid}", s.as(Viewer, s.dashboard))
	mux.Handle("GET /api/access-control/user/permissions", s.as(Viewer, s.permissions))
	mux.Handle("POST /api/annotations", s.as(Editor, s.post))
	mux.Handle("PATCH /api/annotations/{id}", s.as(Editor, s.patch))
	mux.Handle("DELETE /api/annotations/{id}", s.as(Editor, s.remove))
	mux.ServeHTTP(w, r)
}

// Annotations returns what is stored, in the order of ids.
func (s *Server) Annotations() []Annotation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stored)
}

// SetToken replaces the valid token.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Token = token
}

// DeleteDashboard deletes a dashboard, with its annotations.
func (s *Server) DeleteDashboard(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Dashboards = slices.DeleteFunc(slices.Clone(s.Dashboards), func(d string) bool { return d == uid })
	s.stored = slices.DeleteFunc(s.stored, func(a Annotation) bool { return a.DashboardUID == uid })
}

func (s *Server) has(uid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.Dashboards, uid)
}

func (s *Server) dashboard(w http.ResponseWriter, r *http.Request) {
	if !s.has(r.PathValue("uid")) {
		say(w, http.StatusNotFound, "Dashboard not found")
		return
	}
	send(w, http.StatusOK, map[string]any{"dashboard": map[string]string{"uid": r.PathValue("uid")}})
}

// Posts is how many annotations were ever created.
func (s *Server) Posts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts
}

// Add stores an annotation without the API and returns its id.
func (s *Server) Add(a Annotation) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	a.ID = s.last
	s.stored = append(s.stored, a)
	return a.ID
}

// as accepts a request if its sender has at least a role. A wrong token is anonymous
// where that is allowed, and then lacks the right.
func (s *Server) as(role string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		has := s.Role
		s.mu.Lock()
		valid := s.Token
		s.mu.Unlock()
		switch {
		case given && token == valid:
			if has == "" {
				has = Editor
			}
		case s.Anonymous:
			has = Viewer
		case given:
			send(w, http.StatusUnauthorized,
				map[string]string{"messageId": "api-key.invalid", "message": "Invalid API key"})
			return
		default:
			send(w, http.StatusUnauthorized,
				map[string]string{"messageId": "auth.unauthorized", "message": "Unauthorized"})
			return
		}
		if role == Editor && has != Editor {
			say(w, http.StatusForbidden, "Access denied to save the annotation")
			return
		}
		next(w, r)
	})
}

// permissions are those of the role, as far as they are about annotations.
func (s *Server) permissions(w http.ResponseWriter, _ *http.Request) {
	all := []string{"annotations:type:dashboard", "annotations:type:organization"}
	may := map[string][]string{"annotations:read": all}
	if s.Role == "" || s.Role == Editor {
		may["annotations:create"], may["annotations:write"] = all, all
	}
	send(w, http.StatusOK, may)
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit := 100
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n > 0 {
		limit = n
	}
	from, _ := strconv.ParseInt(query.Get("from"), 10, 64) // no number is no bound
	to, _ := strconv.ParseInt(query.Get("to"), 10, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Annotation{}
	// The newest come first.
	for _, a := range slices.Backward(s.stored) {
		if len(found) < limit && matches(a, query["tags"], query.Get("matchAny") == "true") &&
			(query.Get("type") != "annotation" || a.AlertID == 0) &&
			(from <= 0 || to <= 0 || a.Time <= to && a.TimeEnd >= from) && // both, or none
			(query.Get("dashboardUID") == "" || query.Get("dashboardUID") == a.DashboardUID) {
			found = append(found, a)
		}
	}
	send(w, http.StatusOK, found)
}

func matches(a Annotation, tags []string, matchAny bool) bool {
	has := func(tag string) bool { return slices.Contains(a.Tags, tag) }
	if matchAny {
		return len(tags) == 0 || slices.ContainsFunc(tags, has)
	}
	return !slices.ContainsFunc(tags, func(tag string) bool { return !has(tag) })
}

func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	var a Annotation
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&a); err != nil {
		say(w, http.StatusBadRequest, "bad request data")
		return
	}
	switch {
	case a.Text == "":
		say(w, http.StatusBadRequest, "Failed to save annotation")
		return
	case a.DashboardUID != "" && !s.has(a.DashboardUID):
		say(w, http.StatusInternalServerError, "Error while checking annotation permissions")
		return
	case slices.ContainsFunc(a.Tags, func(tag string) bool { return len(tag) > maxTag }):
		send(w, http.StatusBadRequest, map[string]string{
			"messageId": "annotations.tag-limit-exceeded",
			"message":   "Tags length exceeds the maximum allowed",
		})
		return
	}
	if a.Time == 0 {
		a.Time = time.Now().UnixMilli()
	}
	if a.TimeEnd == 0 {
		a.TimeEnd = a.Time
	}
	a.Time, a.TimeEnd = min(a.Time, a.TimeEnd), max(a.Time, a.TimeEnd)
	a.AlertID, a.Login = 0, "sa-1-sidecar"
	id := s.Add(a)
	s.mu.Lock()
	s.posts++
	s.mu.Unlock()
	send(w, http.StatusOK, map[string]any{"id": id, "message": "Annotation added"})
}

// at calls change on the annotation that a request names.
func (s *Server) at(w http.ResponseWriter, r *http.Request, done string, change func(i int)) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64) // 0 is never found
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.stored, func(a Annotation) bool { return a.ID == id })
	if i < 0 {
		say(w, http.StatusNotFound, "Annotation not found")
		return
	}
	change(i)
	say(w, http.StatusOK, done)
}

// patch changes the given fields: an empty text is ignored, empty tags are not.
func (s *Server) patch(w http.ResponseWriter, r *http.Request) {
	var change Annotation
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&change); err != nil {
		say(w, http.StatusBadRequest, "bad request data")
		return
	}
	s.at(w, r, "Annotation patched", func(i int) {
		a := &s.stored[i]
		if change.Text != "" {
			a.Text = change.Text
		}
		if change.Tags != nil {
			a.Tags = change.Tags
		}
		if change.Time > 0 {
			a.Time = change.Time
		}
		if change.TimeEnd > 0 {
			a.TimeEnd = change.TimeEnd
		}
	})
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	s.at(w, r, "Annotation deleted", func(i int) { s.stored = slices.Delete(s.stored, i, i+1) })
}

func say(w http.ResponseWriter, status int, message string) {
	send(w, status, map[string]string{"message": message})
}

func send(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a client may have disconnected
}
