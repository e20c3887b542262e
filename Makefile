# Everything a person or the gate does with this repository. `make demo` and `make test` are the two commands to know.
GO      ?= go
NPM     ?= npm
PYTHON  ?= python3
TAGS    := duckdb_arrow
ASSET   := reports/chart/asset
TOOLS   := $(CURDIR)/.tools
LINT    := $(TOOLS)/golangci-lint
LINT_VERSION := v2.15.0
CGO_FREE := ./referral ./internal/stats ./internal/sqltext ./partners/incentive

# Tests on random draws begin at one seed, so that a failure is one of the change at hand; `make explore` draws others.
export RAPID_SEED ?= 20261121

.PHONY: help build assets demo test pages lint fmt bench validate explore screenshots notebook-env notebooks browser cgo-free clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

build: assets ## build bin/vouch with the chart library inside
	$(GO) build -tags $(TAGS) -o bin/vouch ./cmd/vouch

assets: $(ASSET)/echarts.min.js ## build the chart library from its npm package

$(ASSET)/echarts.min.js: $(ASSET)/package-lock.json $(ASSET)/echarts.entry.mjs $(ASSET)/build.mjs
	cd $(ASSET) && $(NPM) ci --silent && node build.mjs

demo: build ## write the demo project to demo/, load it, run everything
	rm -rf demo
	bin/vouch demo demo
	bin/vouch run --project demo --quiet

test: build browser notebook-env cgo-free notebooks pages ## every test, with the race detector
	VOUCH_PAGES=$(CURDIR)/.pages/out $(GO) test -race -tags $(TAGS) -timeout 20m ./...

pages: build ## the pages of a real run, for the browser tests
	rm -rf .pages
	bin/vouch demo .pages --persons 3000 --quiet >/dev/null
	bin/vouch run --project .pages --quiet >/dev/null

cgo-free: ## the packages that must build and pass without C
	CGO_ENABLED=0 $(GO) test $(CGO_FREE)

notebooks: build notebook-env ## execute every notebook on a small demo
	sh scripts/notebooks.sh

notebook-env: .venv/ready

.venv/ready: notebooks/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r notebooks/requirements.txt
	touch $@

browser: ## find a browser for the page tests, or install one where that is allowed
	sh scripts/browser.sh

lint: $(LINT) ## formatting, vet and the rules of .golangci.yml
	$(LINT) run ./...

$(LINT):
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

fmt: $(LINT) ## format the code
	$(LINT) fmt ./...

bench: build ## load, funnel and run as ratios to a lower bound measured in the same run
	bash bench/run.sh

validate: ## estimates against the demo's truth over 40 seeds, methods against what they promise; writes docs/validation.md
	$(GO) test -tags $(TAGS) -timeout 60m -count=1 ./internal/demo/validate -run TestValidate -validate.seeds=40 -validate.write

explore: ## the tests on random draws with a new seed and ten times as many draws
	RAPID_SEED=0 RAPID_CHECKS=1000 $(GO) test -tags $(TAGS) -count=1 -timeout 60m $$(grep -rl --include=*_test.go 'rapid\.' . | xargs -n1 dirname | sort -u)

screenshots: demo browser ## pictures of the demo's reports for the README
	sh scripts/screenshots.sh

clean: ## remove what the targets made
	rm -rf bin demo .pages .venv .tools $(ASSET)/node_modules $(ASSET)/echarts.min.js
