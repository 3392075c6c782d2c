package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sidecar": main,
	})
}

// TestScripts runs testdata/script: sessions at a command line, as a user would
// have them, without any server.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REFERENCE", filepath.Join(root, "sidecar.yml"))
			env.Setenv("FLAMES", filepath.Join(root, "internal/flame/testdata/flink"))
			env.Setenv("PAIRS", filepath.Join(root, "internal/flame/testdata/pairs"))
			return nil
		},
	})
}
