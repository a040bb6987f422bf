# Two commands are enough: `make run` and `make test`. The work is done by the small scripts in scripts/.
HOST ?= 127.0.0.1
PORT ?= 8000
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench coverage format lock messages

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install everything into this folder; nothing is started
	@scripts/setup.sh

run: setup ## Run the app with a demo crisis on HOST:PORT (127.0.0.1:8000)
	@scripts/run.sh "$(HOST)" "$(PORT)"

test: setup ## Run every test
	@scripts/with-postgresql.sh .venv/bin/python -m pytest -n 2 $(ARGS)

check: setup ## Linters, types, import contract
	@scripts/check.sh

bench: setup ## Measure against the usual way, one JSON line each
	@scripts/bench.sh

coverage: setup ## Run every test and say which lines none of them runs
	@scripts/with-postgresql.sh .venv/bin/python -m pytest -n 2 --cov --cov-report=term:skip-covered $(ARGS)

format: setup ## Put the code into the house's layout
	@.venv/bin/ruff check --fix mapper tests bench
	@.venv/bin/ruff format mapper tests bench

lock: ## Resolve the Python locks anew (UPGRADE=1 takes newer versions)
	@scripts/lock.sh

messages: ## Collect the texts to translate into translations/
	@scripts/messages.sh
