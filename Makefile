# Two commands: `make run` and `make test`. Each makes the machine ready first; a second call is quick.
# Windows without make: see README.md.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/.packages-installed
MACHINE := $(VENV)/.machine-ready
PEERS := $(VENV)/.peers-installed
TESTING := $(VENV)/.tests-ready
NOTEBOOKS = $(shell find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint bench setup clean

help:
	@echo 'make run    run the sample order on the embedded emulator     ARGS="order.yaml"'
	@echo 'make test   the whole suite                                   ARGS="-k word"'
	@echo 'make lint   format, lint, types, import directions, notebooks'
	@echo 'make bench  measure a batch and one run beside others       ARGS="--rounds 3"'
	@echo 'make setup  packages, a browser, fonts (the others do it too)'
	@echo 'make clean  remove the virtual environment'

run: setup
	@$(BIN)/sigex-runbook run $(ARGS)

bench: setup $(PEERS)
	@$(BIN)/sigex-runbook bench $(ARGS)

# One browser per worker: more than four of them only fight for memory.
test: $(TESTING)
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(ARGS)

lint: $(PACKAGES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(NOTEBOOKS),$(BIN)/nbstripout --verify --keep-id $(NOTEBOOKS))

setup: $(MACHINE)

clean:
	rm -rf $(VENV)

$(MACHINE): $(PACKAGES)
	@$(BIN)/sigex-runbook setup
	@touch $@

# What cannot be installed is left out, and `bench` says so.
$(PEERS): $(PACKAGES)
	@if $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[peers]' >$(VENV)/peers.log 2>&1; \
	then touch $@; else echo 'Robot Framework не установился, журнал в $(VENV)/peers.log.'; fi

$(TESTING): $(MACHINE)
	@$(BIN)/sigex-runbook setup --tests
	@touch $@

$(PACKAGES): pyproject.toml constraints.txt $(BIN)/python
	@echo 'Ставлю пакеты Python в $(VENV), обычно это одна-две минуты…'
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]' >$(VENV)/pip.log 2>&1 || { \
	  tail -n 15 $(VENV)/pip.log >&2; \
	  echo 'Ошибка: пакеты не установились, журнал в $(VENV)/pip.log; проверьте доступ в интернет и повторите.' >&2; exit 2; }
	@touch $@

# Debian and Ubuntu ship Python without ensurepip; root may add it, others are told how.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'Ошибка: команда $(PYTHON) не найдена; поставьте Python 3.11 или новее или укажите его: make PYTHON=…' >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Ошибка: нужен Python 3.11 или новее, а $(PYTHON) старше; укажите другой: make PYTHON=python3.11' >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo 'Ставлю python3-venv…' && \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >/dev/null && \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; } || { \
	  echo 'Ошибка: у $(PYTHON) нет модуля venv; поставьте его (Debian, Ubuntu: sudo apt-get install python3-venv) и повторите.' >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)
