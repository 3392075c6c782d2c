package flame

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableAsJSON(t *testing.T) {
	categorize := func(frame string) string {
		if strings.HasPrefix(frame, "kryo") {
			return "generic-serialization"
		}
		return "other"
	}
	text, err := json.Marshal(tree(t, "run;kryo.write;kryo.write 3", "run 1").Table(ITIMER, categorize))
	require.NoError(t, err)
	require.JSONEq(t, `{"mode":"ITIMER","total":4,"unit":"samples","frames":[
		{"name":"kryo.write","self":3,"total":3,"category":"generic-serialization"},
		{"name":"run","self":1,"total":4,"category":"other"}]}`, string(text))

	empty, err := json.Marshal(New().Table(Wall, categorize))
	require.NoError(t, err)
	require.JSONEq(t, `{"mode":"WALL","total":0,"unit":"samples","frames":[]}`, string(empty))
}
