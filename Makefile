# Everything that is done to this repository, and what CI runs. `make` lists the targets.

SHELL       := /bin/sh
MAKEFLAGS   += --no-print-directory
FUZZTIME    ?= 60s
SOAK        ?= 1000000

# One static binary, and no need for a C compiler.
export CGO_ENABLED = 0

.PHONY: help need playground demo test build lint vet generate guest fuzz soak soak-sdk figures cover mutate bench bench-peers bench-gate bench-gate-update site fmt tidy clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{ printf "  make %-17s %s\n", $$1, $$2 }'

need:
	@sh internal/need.sh

demo: need build ## build rung, check the bank's policy, take some decisions by it
	@sh internal/demo.sh

test: need ## run all tests of all modules
	@go run ./internal/run test

build: need ## build bin/rung
	@echo "building bin/rung (the first time takes a minute)" >&2
	@cd cmd/rung && go build -trimpath -o ../../bin/rung .

playground: need ## build the playground's page; the next `make build` has it
	@go run ./internal/run install playground/web
	@cd playground/web && sh tools.sh && node build.mjs

# In each module of the workspace.
each = for dir in $$(go list -m -f '{{.Dir}}'); do (cd "$$dir" && $(1)) || exit 1; done

vet: need ## go vet, over every module
	@$(call each,go vet ./...)

generate: need ## make again what is made from other files
	@$(call each,go generate ./...)

guest: ## make the object of the WebAssembly runtime anew; needs clang-19
	@sh wasm/internal/guest/build.sh rt.o

# The tools are a module of their own, outside of the workspace: else they would raise the versions that the library is built with.
bin/.tools: tools/go.mod tools/go.sum
	@echo "building the linters (the first time takes two minutes)" >&2
	@GOWORK=off go build -C tools -o ../bin/ tool
	@touch $@

lint: need bin/.tools ## linters and formatting, over every module
	@root=$$(pwd); $(call each,"$$root/bin/golangci-lint" run --config "$$root/.golangci.yml" ./...)
	@unformatted=$$(bin/gofumpt -l $$(git ls-files '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi

fmt: need bin/.tools ## format the code
	@bin/gofumpt -w $$(git ls-files '*.go')

tidy: need ## go mod tidy, of all modules
	@sh internal/tidy.sh

fuzz: need ## run every fuzz target for FUZZTIME (60s) each; logs in .cache/fuzz
	@go run ./internal/run fuzz -time $(FUZZTIME) -logs .cache/fuzz

soak: need ## SOAK (1,000,000) mutated policies, requests and modules each, and as many pairs for all engines; log in .cache/soak.log
	@mkdir -p .cache
	@go run ./internal/soak -n $(SOAK) > .cache/soak.log; status=$$?; \
	  go run ./internal/soak -pairs $(SOAK) >> .cache/soak.log || status=1; cat .cache/soak.log; exit $$status

# The race detector needs a C compiler, which nothing else here does.
soak-sdk: need ## the SDK for 30 s under the race detector while all of it changes, 10,000 reloads; needs gcc; log in .cache/soak-sdk.log
	@mkdir -p .cache
	@command -v $${CC:-gcc} >/dev/null || { echo "the race detector needs a C compiler: apt-get install gcc, or set CC" >&2; exit 2; }
	@CGO_ENABLED=1 RUNG_SOAK=30s go test -race -count=1 -timeout=10m -v -run '^(TestEveryAnswerIsOfOneSnapshot|TestTogether|TestHostile)$$' ./sdk > .cache/soak-sdk.log; status=$$?; \
	  RUNG_SOAK=30s go test -count=1 -timeout=30m -v -run '^(TestReloadsHoldNothing|TestProvidersLeakNothing)$$' ./sdk >> .cache/soak-sdk.log || status=1; \
	  grep -v '^=== ' .cache/soak-sdk.log; exit $$status

cover: need ## coverage of policy/..., statements that no test reaches
	@sh internal/cover.sh

mutate: need bin/.tools ## mutation test of policy/plan; result in .cache/mutate.json
	@mkdir -p .cache
	@bin/gremlins unleash --workers 2 --timeout-coefficient 20 --output .cache/mutate.json ./policy/plan

bench: need ## measure Rung beside its peers; writes bench/RESULTS.md and its charts (three minutes)
	@cd bench && go run .

# A module of its own, outside of the workspace: OPA and its like bring hundreds of packages, and would raise the library's versions.
bench-peers: need ## measure OPA, casbin, expr and govaluate; writes bench/peers/RESULTS.md (not part of CI)
	@GOWORK=off go -C bench/peers run .

bench-gate: need ## fail where a ratio of bench/gate.json has worsened by more than a third
	@cd bench && go run . -gate -rounds 15

bench-gate-update: need ## write bench/gate.json anew
	@cd bench && go run . -update-gate

# The generator of the site, as its lock file has it.
site/node_modules/.installed: site/package-lock.json
	@echo "installing the generator of the site" >&2
	@cd site && npm ci --ignore-scripts --no-progress > /dev/null
	@touch $@

site: need site/node_modules/.installed ## build the documentation's site into site/dist, and check its links
	@cd site && npm run --silent build

figures: need ## measure what the project promises: name, figure, bar, holds or not
	@cd bench && go run ./figures -root ..

clean: ## remove what was built
	@rm -rf bin .cache site/.cache site/.pages site/dist
