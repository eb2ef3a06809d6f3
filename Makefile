# Every target does its own set-up, says what it does, and is quick when run again.
PYTHON ?= python3
CUDA ?=
MINUTES ?= 10
HOST ?= 127.0.0.1
PORT ?= 8000
export PYTHON CUDA

RUN := .venv/bin/python -m
DEMO := ATTRIB_HOME=.demo

.PHONY: help demo serve test test-services lint bench bench-quality bench-speed bench-generate bench-gpu bench-growth bench-licenses audit-dependencies bench-load picture fuzz-api soak clean

help:
	@echo "make demo    set up, index the installed packages, generate code and show what it was copied from"
	@echo "make serve   the web form and the JSON API over the demo's index, on http://$(HOST):$(PORT)"
	@echo "make test    set up and run every test"
	@echo "make test-services   the part of it that starts PostgreSQL and Redis, and says what was skipped and why"
	@echo "make lint    ruff, mypy --strict and the layers"
	@echo "make audit-dependencies   look the pinned packages up among the known vulnerabilities"
	@echo "make bench   measure what README and docs claim"
	@echo "make bench-quality, bench-speed, bench-growth   the search against its peers, packages fetched once into .bench"
	@echo "make bench-licenses   licence detection against ScanCode over labelled files, and packages that must be refused"
	@echo "make soak    mixed work on a running server for MINUTES=30: does anything grow, fail, or slow down?"
	@echo "make fuzz-api   schemathesis against the served API, with every check it has"
	@echo "make bench-generate   what the check costs while a model writes, steering, streaming; bench-gpu: speed on a GPU"
	@echo "make bench-load   checks a second over HTTP beside a route that does nothing, and memory over MINUTES=10"
	@echo "make picture the picture of the result page that README shows: a real browser over the demo's index"
	@echo "make bench-quality   what is found, what is falsely accused, and pip's own vendored code, over packages it fetches"

demo:
	@.ci/setup generate
	@$(DEMO) $(RUN) benchmarks.demo

serve:
	@.ci/setup generate
	@$(DEMO) $(RUN) attrib index add installed
	@$(DEMO) $(RUN) attrib serve --host $(HOST) --port $(PORT)

test:
	@.ci/setup generate,dev
	@.ci/reuse
	@.ci/validators
	@.ci/browser
	@$(RUN) pytest -n 2 -m "not services"
	@$(MAKE) --no-print-directory test-services

# Each test starts what it needs where its programs are, and stops it again; what is not here is named at the end.
test-services:
	@.ci/setup generate,dev
	@$(RUN) pytest -n 2 -m services -r s

lint:
	@.ci/setup generate,dev
	@.venv/bin/ruff check .
	@$(RUN) mypy
	@.venv/bin/lint-imports

audit-dependencies:
	@.ci/audit-dependencies

bench:
	@.ci/setup generate,dev
	@$(DEMO) $(RUN) attrib index add installed
	@$(DEMO) $(RUN) benchmarks.copied_functions
	@$(DEMO) $(RUN) benchmarks.new_code
	@$(DEMO) $(RUN) benchmarks.check_latency
	@$(RUN) benchmarks.embedded_model

# Each of the three speaks, whatever the others found.
bench-quality:
	@.ci/setup generate,dev
	@status=0; for name in quality human_code vendored_pip; do $(RUN) benchmarks.$$name || status=1; done; exit $$status

bench-speed:
	@.ci/setup generate,dev
	@$(RUN) benchmarks.speed

# With and without the check, steering, streaming: the model and the functions it knows by heart.
bench-generate:
	@.ci/setup generate,dev
	@$(DEMO) $(RUN) attrib index add installed
	@$(DEMO) $(RUN) benchmarks.generate
	@$(RUN) benchmarks.steering
	@$(RUN) benchmarks.streaming

bench-gpu:
	@.ci/setup generate,dev
	@$(RUN) benchmarks.gpu_speed

bench-growth:
	@.ci/setup generate,dev
	@$(RUN) benchmarks.growth

# Memory is watched where MINUTES says for how long.
bench-load:
	@.ci/setup generate,dev
	@$(DEMO) $(RUN) attrib index add installed
	@$(DEMO) $(RUN) benchmarks.load --minutes $(MINUTES)

# ScanCode is installed into an environment of its own; it takes most of the half hour.
bench-licenses:
	@.ci/setup generate,dev
	@status=0; $(RUN) benchmarks.license_detection --install --tool attrib,scancode || status=1; \
		$(RUN) benchmarks.refused_packages || status=1; exit $$status

# The picture in README, made again by whoever changes the pages.
picture:
	@.ci/setup generate,dev
	@.ci/browser
	@$(DEMO) $(RUN) attrib index add installed
	@$(DEMO) $(RUN) benchmarks.screenshot

# Mixed work on a running server for MINUTES: does anything grow, fail, or slow down?
soak:
	@.ci/setup generate,dev
	@$(RUN) benchmarks.soak --minutes $(MINUTES)

# schemathesis against a real server, every check it has, at least 5,000 cases.
fuzz-api:
	@.ci/setup generate,dev
	@$(RUN) benchmarks.api_fuzz

clean:
	rm -rf .venv .venv-reuse .venv-validators .venv-audit .demo .bench .artefacts build dist *.egg-info
