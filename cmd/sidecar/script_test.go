package main

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(waiting{m}, map[string]func(){
		"sidecar": main,
	})
}

// waiting are tests that wait for servers more than they compute, so more of them run at
// once than there are cores. With the race detector (make test: -short) they compute more.
type waiting struct{ *testing.M }

func (w waiting) Run() int {
	flag.Parse()
	parallel := "8"
	if testing.Short() {
		parallel = "4"
	}
	if err := flag.Set("test.parallel", parallel); err != nil {
		panic(err)
	}
	return w.M.Run()
}

// TestScripts runs testdata/script: sessions at a command line, as a user would
// have them, without any server.
func TestScripts(t *testing.T) {
	t.Parallel()
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
