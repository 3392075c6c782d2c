package plugin

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// unit is a field's configuration with a unit of Grafana.
func unit(name string) *data.FieldConfig { return &data.FieldConfig{Unit: name} }

// field is a field with a configuration.
func field(name string, values any, config *data.FieldConfig) *data.Field {
	f := data.NewField(name, nil, values)
	if config != nil {
		f.SetConfig(config)
	}
	return f
}

// tableOf is a frame for tables.
func tableOf(name string, fields ...*data.Field) *data.Frame {
	f := data.NewFrame(name, fields...)
	f.SetMeta(&data.FrameMeta{
		Type: data.FrameTypeTable, TypeVersion: data.FrameTypeVersion{0, 1}, PreferredVisualization: data.VisTypeTable,
	})
	return f
}

// column makes a list of one property of rows.
func column[R, V any](rows []R, value func(R) V) []V {
	out := make([]V, len(rows))
	for i, r := range rows {
		out[i] = value(r)
	}
	return out
}

// cut adds a notice to a frame that does not have all rows.
func cut(f *data.Frame, more bool, rows int) *data.Frame {
	if more {
		f.AppendNotices(data.Notice{
			Severity: data.NoticeSeverityWarning,
			Text:     fmt.Sprintf("Only the newest %d rows are shown: raise the limit, or shorten the time range.", rows),
		})
	}
	return f
}

// explore opens a further query of this data source. The query's values may be those of the row:
// ${__data.fields.name}.
func (d *Datasource) explore(title string, query map[string]any) data.DataLink {
	query["refId"] = "A"
	return data.DataLink{Title: title, Internal: &data.InternalDataLink{Query: query, DatasourceUID: d.uid}}
}

// onPage opens a path of the sidecar's page.
func (d *Datasource) onPage(title, path string) data.DataLink {
	return data.DataLink{Title: title, URL: d.page + path, TargetBlank: true}
}
