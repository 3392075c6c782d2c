package manifests

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/stretchr/testify/require"
)

// The compose file is one that the reference implementation takes.
func TestTheComposeFileIsValid(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"../compose/compose.yml"})
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	require.Len(t, project.Services, 9)
	require.True(t, project.Services["sidecar"].ReadOnly)
}
