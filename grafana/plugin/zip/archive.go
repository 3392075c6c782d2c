package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// archive is a zip with a plugin in it.
type archive struct {
	*zip.ReadCloser
	// name is that of the file, size its number of bytes.
	name string
	size int64
	meta metadata
}

// metadata is what the rules need of plugin.json.
type metadata struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Name       string `json:"name"`
	Backend    bool   `json:"backend"`
	Executable string `json:"executable"`
	Info       struct {
		Description string            `json:"description"`
		Keywords    []string          `json:"keywords"`
		Logos       map[string]string `json:"logos"`
		Links       []struct {
			URL string `json:"url"`
		} `json:"links"`
		Screenshots []struct {
			Name string `json:"name"`
			Path string `json:"path"`
		} `json:"screenshots"`
		Version string `json:"version"`
		Updated string `json:"updated"`
	} `json:"info"`
	Dependencies struct {
		Grafana string `json:"grafanaDependency"`
		Plugins []struct {
			ID string `json:"id"`
		} `json:"plugins"`
	} `json:"dependencies"`
}

func open(name string) (*archive, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	reader, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	a := &archive{ReadCloser: reader, name: info.Name(), size: info.Size()}
	first := ""
	if len(a.File) > 0 {
		first, _, _ = strings.Cut(a.File[0].Name, "/")
	}
	text, err := fs.ReadFile(reader, first+"/plugin.json")
	if err == nil {
		err = json.Unmarshal(text, &a.meta)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("metadata: %w", err), reader.Close())
	}
	return a, nil
}

// has reports whether a file is in the plugin's folder.
func (a *archive) has(path string) bool { return a.find(path) != nil }

func (a *archive) find(path string) *zip.File {
	for _, f := range a.File {
		if f.Name == a.meta.ID+"/"+path {
			return f
		}
	}
	return nil
}

// text is the content of a file of the plugin's folder; empty if there is none.
func (a *archive) text(path string) string {
	f := a.find(path)
	if f == nil {
		return ""
	}
	content, err := f.Open()
	if err != nil {
		return ""
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	if err != nil {
		return ""
	}
	return string(text)
}
