package flinktest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Fault is a way of failing: it replaces the handler that would have answered. It ends
// when closing is closed, at the latest.
type Fault func(next http.Handler, closing <-chan struct{}) http.Handler

// Break makes every request fail in this way, or only those to paths with the
// given ending.
func (s *Server) Break(fault Fault, ending ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.at = fault, strings.Join(ending, "")
}

// Heal ends the fault.
func (s *Server) Heal() { s.Break(nil) }

// Hang takes the request and never answers.
func Hang(_ http.Handler, closing <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { waitOut(r, closing) })
}

func waitOut(r *http.Request, closing <-chan struct{}) {
	select {
	case <-r.Context().Done():
	case <-closing:
	}
}

// Status answers with a status and an error as Flink writes them: a Java stack
// trace with the cause deep inside.
func Status(code int) Fault {
	trace := "org.apache.flink.runtime.rest.handler.RestHandlerException: Could not do it.\n" +
		strings.Repeat("\tat org.apache.flink.runtime.rest.handler.AbstractHandler.respond"+
			"(AbstractHandler.java:1)\n", 60) +
		"Caused by: java.util.concurrent.TimeoutException: Ask timed out after [10000 ms]\n\t... 5 more\n"
	return fixed(code, "application/json", string(encode(map[string]any{"errors": []string{trace}})))
}

// HTML answers 200 with an HTML page.
func HTML(next http.Handler, closing <-chan struct{}) http.Handler {
	return fixed(http.StatusOK, "text/html", "<!DOCTYPE html><html><title>Sign in</title></html>")(next, closing)
}

// OtherJSON answers 200 with JSON that Flink would not give.
func OtherJSON(next http.Handler, closing <-chan struct{}) http.Handler {
	return fixed(http.StatusOK, "application/json", `{"status":"ok"}`)(next, closing)
}

func fixed(code int, contentType, body string) Fault {
	return func(http.Handler, <-chan struct{}) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		})
	}
}

// Truncate sends half of the answer and cuts the connection.
func Truncate(next http.Handler, _ <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := record(next, r).Body.Bytes()
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	})
}

// Reset sends half of the answer and resets the connection, as a killed proxy or
// JobManager does.
func Reset(next http.Handler, _ <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := record(next, r).Body.Bytes()
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		// Without lingering, closing sends a reset instead of an end. Unsent data is
		// dropped on purpose.
		_ = connection.(*net.TCPConn).SetLinger(0)
		_, _ = fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "+
			"%d\r\n\r\n%s", len(body), body[:len(body)/2])
		_ = connection.Close()
	})
}

// LongURLs answers as Flink does for a URL of more than 4,083 bytes, but from 200 bytes
// on: a proxy may have its own limit.
func LongURLs(next http.Handler, closing <-chan struct{}) http.Handler {
	const limit = 200
	refused := fixed(http.StatusNotFound, "application/json", string(encode(notFound("/bad-request"))))(next, closing)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.RequestURI) > limit {
			refused.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ManyNames answers every metrics request with a million names and values.
func ManyNames() Fault {
	var text strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&text, `,{"id":"map.customer.%07d","sum":1}`, i)
	}
	all := fixed(http.StatusOK, "application/json", "["+text.String()[1:]+"]")
	return func(next http.Handler, closing <-chan struct{}) http.Handler {
		return onlyMetrics(next, all(next, closing))
	}
}

// Trickle gives the answer a byte a second.
func Trickle(next http.Handler, closing <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pause := time.NewTicker(time.Second)
		defer pause.Stop()
		for _, b := range record(next, r).Body.Bytes() {
			_, _ = w.Write([]byte{b})
			w.(http.Flusher).Flush()
			select {
			case <-pause.C:
			case <-r.Context().Done():
				return
			case <-closing:
				return
			}
		}
	})
}

// Huge gives 100 MB.
func Huge(http.Handler, <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		block := []byte(strings.Repeat(" ", 1<<20))
		for range 100 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
}

// EmptyMetrics answers every metrics request with 200 and an empty list.
func EmptyMetrics(next http.Handler, closing <-chan struct{}) http.Handler {
	return onlyMetrics(next, fixed(http.StatusOK, "application/json", "[]")(next, closing))
}

// NaN answers every metrics request with "NaN" for every value.
func NaN(next http.Handler, _ <-chan struct{}) http.Handler {
	return onlyMetrics(next, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var entries []entry
		if err := json.Unmarshal(record(next, r).Body.Bytes(), &entries); err != nil {
			panic(err)
		}
		for _, e := range entries {
			for field := range e {
				if field != "id" {
					e[field] = "NaN"
				}
			}
		}
		_, _ = w.Write(encode(entries))
	}))
}

func onlyMetrics(other, metrics http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/metrics") {
			metrics.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}

func record(next http.Handler, r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	next.ServeHTTP(recorder, r)
	return recorder
}
