package prerequisites

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// program writes an executable shell script.
func program(t *testing.T, path, script string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

// install puts a JDK below dir/NAME and returns its home.
func install(t *testing.T, dir, name, version string, compiler bool) string {
	t.Helper()
	home := filepath.Join(dir, name)
	program(t, filepath.Join(home, "bin", "java"), `echo 'openjdk version "`+version+`" 2025-04-15' >&2`)
	if compiler {
		program(t, filepath.Join(home, "bin", "javac"), "")
	}
	return home
}

func machine(env map[string]string, jvms string) Machine {
	return Machine{Getenv: func(name string) string { return env[name] }, JVMs: jvms}
}

func TestLook(t *testing.T) {
	dir := t.TempDir()
	eleven := install(t, dir, "java-11", "11.0.20", true)
	seventeen := install(t, dir, "java-17", "17.0.15", true)
	runtimeOnly := install(t, dir, "jre-21", "21", false)
	broken := filepath.Join(dir, "broken")
	program(t, filepath.Join(broken, "bin", "java"), "exit 1")
	distribution := filepath.Join(dir, "distribution")
	install(t, distribution, "java-8", "1.8.0_392", true)
	install(t, distribution, "java-21", "21.0.1", true)
	maven := filepath.Join(dir, "maven", "mvn")
	program(t, maven, "")

	for _, tc := range []struct {
		name, home, path, jvms string
		want                   JDK
		err                    string
	}{
		{name: "JAVA_HOME", home: seventeen, path: filepath.Dir(maven), want: JDK{Home: seventeen, Major: 17}},
		{name: "PATH", path: seventeen + "/bin:" + filepath.Dir(maven), want: JDK{Home: seventeen, Major: 17}},
		{
			name: "an old JAVA_HOME is passed over", home: eleven, path: seventeen + "/bin:" + filepath.Dir(maven),
			want: JDK{Home: seventeen, Major: 17},
		},
		{
			name: "the distribution's", path: eleven + "/bin:" + filepath.Dir(maven), jvms: distribution,
			want: JDK{Home: filepath.Join(distribution, "java-21"), Major: 21},
		},
		{
			name: "too old", home: eleven, path: filepath.Dir(maven),
			err: "JDK 17+ needed, found 11 (apt-get install openjdk-17-jdk-headless)",
		},
		{
			name: "no compiler", home: runtimeOnly, path: filepath.Dir(maven),
			err: "JDK 17+ needed, found only a runtime without javac (21) (apt-get install openjdk-17-jdk-headless)",
		},
		{
			name: "broken", home: broken, path: filepath.Dir(maven),
			err: "JDK 17+ needed, found none (apt-get install openjdk-17-jdk-headless)",
		},
		{name: "no Maven", home: seventeen, err: "Maven 3.8+ needed, found none (apt-get install maven)"},
		{
			name: "nothing",
			err: "JDK 17+ needed, found none; Maven 3.8+ needed, found none " +
				"(apt-get install openjdk-17-jdk-headless maven)",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, err := machine(map[string]string{"JAVA_HOME": tc.home, "PATH": tc.path}, tc.jvms).Look(t.Context())
			if tc.err != "" {
				var missing *MissingError
				require.ErrorAs(t, err, &missing)
				require.EqualError(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, Found{JDK: tc.want, Maven: maven}, found)
			require.Equal(t, tc.want.Home+"/bin/java", found.JDK.Java())
		})
	}
}

func TestParseVersion(t *testing.T) {
	for output, want := range map[string]int{
		"openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment": 17,
		`java version "1.8.0_392"`:                                     8,
		`openjdk version "21" 2023-09-19`:                              21,
		`openjdk version "25-ea" 2025-09-16`:                           25,
		"Picked up _JAVA_OPTIONS: -Xmx1g\nopenjdk version \"11.0.20\"": 11,
	} {
		major, err := parseVersion(output)
		require.NoError(t, err)
		require.Equal(t, want, major, output)
	}
	_, err := parseVersion("java: command not found")
	require.EqualError(t, err, "not the output of java -version")
}
