package manifests

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// The Deployments run as pods of podman, which deploy/docker/run-check asks for. A pod is the one of
// the manifest but for what podman can't do:
//
//   - It has the network of the host and a free port of loopback, so that no bridge is left behind.
//   - The probes are asked from here: podman asks by curl in the container, which has none.
//   - A claim has a name of its own: podman has one space of names for all volumes, Kubernetes has
//     one for each kind.
//   - A Secret is not optional, because podman 4.3 mounts none that is.
func TestPodsRun(t *testing.T) {
	image := os.Getenv("SIDECAR_IMAGE")
	if image == "" {
		t.Skip("make container-check runs it, with an image in SIDECAR_IMAGE")
	}
	ofChart := func(t *testing.T, values string) []string {
		var parsed map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(values), &parsed))
		docs, _ := render(t, "orders", parsed)
		return docs
	}
	t.Run("standalone", func(t *testing.T) {
		podOf(t, image, kustomize(t, "../kubernetes/standalone")).requireAll("flink", "token")
	})
	t.Run("chart", func(t *testing.T) {
		podOf(t, image, ofChart(t, `
existingSecret: orders-secrets
config:
  flink: {url: "http://127.0.0.1:1", cluster: orders}
  alerts: {webhook: {token_file: /etc/flink-sidecar/secrets/webhook-token}}`)).requireAll("orders", "webhook-token")
	})
	t.Run("chart without persistence", func(t *testing.T) {
		p := podOf(t, image, ofChart(t, "persistence: {enabled: false}"))
		p.play()
		require.Contains(t, p.get("/api/v1/status"), `"history":{"mode":"file"`)
		p.down()
	})
}

// pod is a Deployment that podman runs.
type pod struct {
	t              *testing.T
	dir, file      string // file is what podman plays
	base           string // the address of the page
	ready, healthy string // the paths of the probes
	id, image      string // of the container
	secret         string // the name of the Secret; empty without one
	limit          int64  // of the memory, in bytes
}

// requireAll runs the pod with a token in its Secret, until it has used its configuration, the token and its claim.
func (p *pod) requireAll(cluster, token string) {
	p.t.Helper()
	p.makeSecret(token)
	p.play()
	require.Contains(p.t, p.get("/api/v1/status"), fmt.Sprintf(`"cluster":{"name":%q`, cluster))
	p.requireToken(token)
	p.requireHistory()
	p.down()
}

// podOf makes the claim, and writes what podman can play of the other objects: the configuration and
// the Deployment.
func podOf(t *testing.T, image string, docs []string) *pod {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	p := &pod{t: t, base: "http://" + address, dir: t.TempDir()}
	p.file = filepath.Join(p.dir, "pod.yaml")
	text := ""
	for _, doc := range docs {
		_, object := decode(t, doc)
		switch object := object.(type) {
		case *corev1.ConfigMap:
		case *corev1.PersistentVolumeClaim:
			object.Name += "-data"
			p.make(object)
			continue
		case *appsv1.Deployment:
			p.adapt(object, address)
		default:
			continue
		}
		played, err := yaml.Marshal(object)
		require.NoError(t, err)
		text += "---\n" + string(played)
	}
	require.NoError(t, os.WriteFile(p.file, []byte(text), 0o600))
	podman(t, "", "tag", image, p.image)
	return p
}

// adapt takes from a Deployment what podman can't do.
func (p *pod) adapt(deployment *appsv1.Deployment, address string) {
	spec := &deployment.Spec.Template.Spec
	require.Len(p.t, spec.Containers, 1)
	container := &spec.Containers[0]
	p.image, p.limit = container.Image, container.Resources.Limits.Memory().Value()
	p.ready, p.healthy = container.ReadinessProbe.HTTPGet.Path, container.LivenessProbe.HTTPGet.Path
	require.Equal(p.t, "--web.listen-address=:8642", container.Args[3])
	container.Args[3] = "--web.listen-address=" + address
	spec.HostNetwork = true
	container.Ports, container.ReadinessProbe, container.LivenessProbe = nil, nil, nil
	for _, volume := range spec.Volumes {
		switch {
		case volume.PersistentVolumeClaim != nil:
			volume.PersistentVolumeClaim.ClaimName += "-data"
		case volume.Secret != nil:
			p.secret, volume.Secret.Optional = volume.Secret.SecretName, new(bool)
		}
	}
}

// podman returns what the command prints.
func podman(t *testing.T, input string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "podman", arguments...)
	var said strings.Builder
	command.Stdin, command.Stderr = strings.NewReader(input), &said
	out, err := command.Output()
	require.NoError(t, err, "podman %v: %s", arguments, &said)
	return strings.TrimSpace(string(out))
}

// makeSecret makes the Secret of the manifest with one key.
func (p *pod) makeSecret(key string) {
	secret := corev1.Secret{Data: map[string][]byte{key: []byte("a token of the webhook")}}
	secret.APIVersion, secret.Kind, secret.Name = "v1", "Secret", p.secret
	p.make(secret)
}

// make plays an object that outlives the pod: podman 4.3 does not play it again.
func (p *pod) make(object any) {
	text, err := yaml.Marshal(object)
	require.NoError(p.t, err)
	file := filepath.Join(p.dir, "made.yaml")
	require.NoError(p.t, os.WriteFile(file, text, 0o600))
	podman(p.t, "", "kube", "play", file)
}

// play starts the pod, and waits until its own readiness probe would succeed.
func (p *pod) play() {
	began := time.Now()
	podman(p.t, "", "kube", "play", p.file)
	p.id = podman(p.t, "", "ps", "--quiet", "--filter=ancestor="+p.image)
	p.t.Cleanup(func() {
		if p.t.Failed() {
			ctx := context.WithoutCancel(p.t.Context())
			out, _ := exec.CommandContext(ctx, "podman", "logs", p.id).CombinedOutput()
			p.t.Logf("%s", out)
			_ = exec.CommandContext(ctx, "podman", "kube", "down", p.file).Run()
		}
	})
	require.Eventually(p.t, func() bool {
		code, text, err := p.ask(http.MethodGet, p.ready, "", "")
		if err == nil && code != http.StatusOK {
			p.t.Logf("%s: %d %s", p.ready, code, text)
		}
		return err == nil && code == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond, "the pod does not get ready")
	p.t.Logf("ready after %s", time.Since(began).Round(time.Millisecond))
	p.get(p.healthy)
	p.requireHardened()
}

// requireHardened: what the securityContext and the resources ask for holds in the container.
func (p *pod) requireHardened() {
	asked := podman(p.t, "", "inspect", "--format={{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.State.Pid}}", p.id)
	pid, found := strings.CutPrefix(asked, fmt.Sprintf("true %d ", p.limit))
	require.True(p.t, found, asked)
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	require.NoError(p.t, err)
	for _, line := range []string{
		"Uid:\t65532\t65532\t65532\t65532", "Gid:\t65532\t65532\t65532\t65532", "NoNewPrivs:\t1",
		"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000",
	} {
		require.Contains(p.t, string(status), "\n"+line+"\n")
	}
}

// down ends the sidecar as kubelet does, and removes the pod. podman 4.3 kills in kube down.
func (p *pod) down() {
	began := time.Now()
	podman(p.t, "", "stop", "--time=5", p.id)
	p.t.Logf("stopped after %s", time.Since(began).Round(time.Millisecond))
	require.Equal(p.t, "0", podman(p.t, "", "inspect", "--format={{.State.ExitCode}}", p.id))
	podman(p.t, "", "kube", "down", p.file)
	require.Empty(p.t, podman(p.t, "", "ps", "--all", "--quiet", "--filter=ancestor="+p.image))
}

// ask sends a request, with the token if there is one.
func (p *pod) ask(method, path, body, token string) (code int, text string, err error) {
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(said), err
}

func (p *pod) get(path string) string {
	code, text, err := p.ask(http.MethodGet, path, "", "")
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, code, "%s: %s", path, text)
	return text
}

// requireToken: the webhook takes the token of the mounted Secret, and no other. podman 4.3 mounts
// it as it is in the manifest, in base64.
func (p *pod) requireToken(key string) {
	dir := podman(p.t, "", "volume", "inspect", "--format={{.Mountpoint}}", p.secret)
	mounted, err := os.ReadFile(filepath.Join(dir, key))
	require.NoError(p.t, err)
	for token, want := range map[string]int{string(mounted): http.StatusAccepted, "another": http.StatusUnauthorized} {
		code, text, err := p.ask(http.MethodPost, "/alertmanager/webhook",
			`{"version": "4", "status": "firing", "alerts": []}`, token)
		require.NoError(p.t, err)
		require.Equal(p.t, want, code, text)
	}
}

// requireHistory: what is on the claim is there in the next pod too.
func (p *pod) requireHistory() {
	podman(p.t, "label,throughput\nbefore,100\nafter,110\n", "exec", "--interactive", p.id,
		"/sidecar", "history", "import", "--format=csv", "--run=kept", "-")
	p.down()
	p.play()
	require.Contains(p.t, podman(p.t, "", "exec", p.id, "/sidecar", "history", "table", "--run=kept"), "after")
}
