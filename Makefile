# make setup | run | quick | test | bench | soak
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
SYSTEM_TEST_PACKAGES := age chromium chromium-headless-shell ffmpeg gcc libc6-dev openssl strace iproute2 python3-gi gir1.2-gst-rtsp-server-1.0 \
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly glib-networking gstreamer1.0-tools \
  baresip-core clamav-daemon dovecot-imapd espeak-ng kamailio ldap-utils libnss3-tools poppler-utils postfix rtpengine-daemon sip-tester slapd tshark

# Hundreds of programs are started by the tests: compiled once, each starts in half the time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run quick test lint audit bench soak clean

setup: $(VENV)/.run
$(VENV)/bin/python:
	@python3 -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); $(SUDO) apt-get -qq update && $(SUDO) apt-get -qq install -y python3-venv >/dev/null && python3 -m venv $(VENV); }
$(VENV)/.run: requirements/run.txt pyproject.toml $(shell find src -name '*.po') | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.system:
	@missing=; for p in $(SYSTEM_TEST_PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then $(SUDO) apt-get -qq update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get -qq install -y --no-install-recommends $$missing >/dev/null; fi
	@touch $@

run: setup
	@$(BIN)/rejent demo var/demo --listen 127.0.0.1:8000

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python tools/lint_streams.py
	$(BIN)/python tools/lint_rows.py

audit: $(VENV)/.dev
	$(BIN)/python tools/audit_dependencies.py
	$(BIN)/python tools/scan_secrets.py

# $(call beside,CHECKS,TESTS): the checks run beside the tests; what one that fails says is shown at once.
define beside
@($(MAKE) --no-print-directory $(1) >$(VENV)/checks 2>&1 || { cat $(VENV)/checks; exit 1; }) & checks=$$!; \
$(2); tests=$$?; wait $$checks && exit $$tests
endef

quick: $(VENV)/.dev
	$(call beside,lint,$(BIN)/python -m pytest -q --forks 2 -m "not soak and not sipp" tests/unit tests/property)

test: $(VENV)/.dev $(VENV)/.system
	$(call beside,lint audit,$(BIN)/python -m pytest -q --forks 5 --maxfail 12)

bench: $(VENV)/.dev $(VENV)/.system
	$(BIN)/python -m benchmarks

soak: $(VENV)/.dev $(VENV)/.system
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.calls_soak
	$(BIN)/python -m pytest -q --forks 2 -m "soak or hypothesis" --hypothesis-profile soak

clean:
	rm -rf $(VENV) var
