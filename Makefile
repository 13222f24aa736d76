# ocibuild: what a person types. The work is in .ci/, each script says what it does.

PREFIX ?= /usr/local
DESTDIR ?=
BINARY = .build/release/ocibuild
BENCH = Benchmarks/.build/release/ocibuild-bench
# What `make bench` measures, and how: `make bench BENCHFLAGS='--rounds 3 small python'`.
BENCHFLAGS ?=

.PHONY: build test demo format docs bench thresholds packages install clean help

build: ## the release binary, .build/release/ocibuild
	@.ci/setup build
	@echo "==> building the release binary (a first build takes a few minutes)" >&2
	@.ci/release
	@echo "==> $(CURDIR)/$(BINARY)" >&2

test: ## set-up, format, build with warnings as errors, documentation, every test
	@.ci/test

demo: build ## a real image: built, pushed to a real registry, built again from the cache
	@.ci/demo

format: ## lay the sources out as the house does
	swift format format --in-place --parallel --recursive Package.swift Sources Tests

docs: ## the library's documentation, in .docs/
	@.ci/setup build
	swift build --target OCIBuild
	@.ci/docs

bench: build ## everything beside every other tool that is installed, into the READMEs (half an hour, as root)
	@.ci/setup test
	swift build -c release --package-path Benchmarks --product ocibuild-bench
	$(BENCH) --ocibuild $(BINARY) --json Benchmarks/.build/results.json $(BENCHFLAGS)
	$(BENCH) render Benchmarks/.build/results.json

thresholds: ## sizes, instructions and system calls, held against their limits
	@.ci/thresholds

packages: build ## a hundred Debian packages installed on root and on single, and compared (half an hour)
	@.ci/setup test
	Fixtures/packages/install-all $(BINARY)

install: build ## the binary, under PREFIX (default /usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$(BINARY)" "$(DESTDIR)$(PREFIX)/bin/ocibuild"
	@echo "==> $(DESTDIR)$(PREFIX)/bin/ocibuild" >&2

clean: ## remove what was built, and what the demo keeps
	rm -rf .build Benchmarks/.build .docs .demo

help: ## this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 18
