# What one does with this project; `make` lists it.

# The Python that .venv is made with, and the port of `make run`. Debian 12's own, which servers have, is compiled
# with all optimisation; one that pyenv compiled, where that comes first as python3, takes a fifth longer.
PYTHON ?= $(if $(wildcard /usr/lib/python3.11/ensurepip),/usr/bin/python3.11,python3)
PORT ?= 8000
# More arguments for pytest, for instance: make test PYTEST_ARGS="-k overview"
PYTEST_ARGS ?=

MANAGE := .venv/bin/python manage.py
PYTEST := .venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal --no-header

UV_ARGS ?=
COMPILE = .venv/bin/uv pip compile --quiet --no-config --generate-hashes --python-platform linux \
	--python-version 3.11 --custom-compile-command "make requirements" $(UV_ARGS)

# Which lines and branches the tests run: measured on SQLite when all tests run, and on PostgreSQL of what
# has ways of its own there. slipcover takes its mark out of a line once that has run, as
# tests/quick_coverage.py makes it do: tests take hardly longer.
# Each worker of pytest leaves its lines in COVERED (tests/conftest.py). `make test` adds them up
# and fails below fail-under in pyproject.toml. Files of which fewer than this many percent are run are
# listed; the whole table, with the lines left out, is in COVERED/table.
COVERED := var/test/covered
COVERED_LISTED_BELOW := 85
PACKAGES := $(filter-out tests bench docs,$(patsubst %/__init__.py,%,$(wildcard */__init__.py)))
EMPTY :=
COMMA := ,
COVERING := env SLIPCOVER_ENABLED=1 SLIPCOVER_BRANCH=1 SLIPCOVER_OMIT='*/migrations/*'
ON_SQLITE := COVERED=$(COVERED)/sqlite SLIPCOVER_SOURCE=$(subst $(EMPTY) $(EMPTY),$(COMMA),$(PACKAGES))
ON_POSTGRESQL := COVERED=$(COVERED)/postgresql SLIPCOVER_SOURCE=backups
MERGE_COVERED = .venv/bin/python -m slipcover --merge $(COVERED)/*/coverage-*.json --out $(COVERED)/all.json
LEAST_COVERED = awk -v below=$(COVERED_LISTED_BELOW) \
	'$$1 ~ /\.py$$/ && $$7 < below { print $$7 "%", $$1 }' $(COVERED)/table | sort -n

# Checks and tests depend neither on the caller's environment nor on .env: what settings.py reads
# is fixed here. PREVIEWS_A_MINUTE=0: previews are counted in files by the ids of users, and
# the next test has users with the same ids. Compiled tests are kept: pytest rewrites every assert of a file that it compiles.
TEST_SETTINGS := env PYTHONDONTWRITEBYTECODE= ENV_FILE= DATABASE_URL=sqlite:// DATA_DIR="$(CURDIR)/var/test" SECRET_KEY= CONN_MAX_AGE= \
	DATABASE_TIMEOUT_SECONDS= \
	DEBUG=off HTTPS=off HSTS_SECONDS= \
	ALLOWED_HOSTS=localhost,127.0.0.1 CSRF_TRUSTED_ORIGINS= LOG_LEVEL=WARNING LOG_FORMAT= \
	SLOW_REQUEST_SECONDS= SYSLOG_SERVER= EVENT_LOG_DAYS= \
	LDAP_SERVERS= LDAP_CA_FILE= LDAP_BIND_DN= LDAP_BIND_PASSWORD= LDAP_USER_BASE= LDAP_USER_FILTER= \
	LDAP_NUMBER_ATTRIBUTE= LDAP_NAME_ATTRIBUTE= LDAP_MAIL_ATTRIBUTE= LDAP_GROUP_BASE= LDAP_GROUP_FILTER= \
	LDAP_GROUPS_FILE= LDAP_NEW_USERS= \
	SECOND_FACTOR_ROLES= PROXY_COUNT=0 LOCK_OUT_FAILURES=5 LOCK_OUT_MINUTES=30 \
	LOCK_OUT_ADDRESS_FAILURES= LOCK_OUT_NAME_FAILURES= SESSION_IDLE_MINUTES=30 \
	EMAIL_HOST= EMAIL_PORT= EMAIL_HOST_USER= EMAIL_HOST_PASSWORD= DEFAULT_FROM_EMAIL= \
	EMAIL_USE_TLS= EMAIL_USE_SSL= SITE_URL= PLANNING_OFFICE= DATA_LICENCE= DATA_CONTACT= PUBLIC_PAGES= \
	UPLOAD_MAX_CELLS= UPLOAD_MAX_STRINGS= UPLOAD_MAX_STYLES= UPLOAD_MAX_NAMES= \
	UPLOAD_READ_SECONDS= UPLOAD_READ_MEGABYTES= FILES_AT_ONCE= \
	FILES_A_MINUTE= PREVIEWS_A_MINUTE=0 \
	UPLOAD_MAX_BYTES= EVIDENCE_MAX_BYTES= EVIDENCE_KINDS=pdf,xlsx,docx,xls,csv,jpg,jpeg,png \
	REMINDER_DAYS_BEFORE=14,7,1 REMINDER_REPEAT_DAYS=7 \
	FILES_STORAGE= FILES_DIR= S3_ENDPOINT= S3_BUCKET= S3_ACCESS_KEY= S3_SECRET_KEY= S3_REGION= S3_CA_FILE= \
	BACKUP_KEEP= BACKUP_KEY_FILE= BACKUP_WARN_DAYS=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-fast test-sqlite test-postgresql lint audit pentest soak check-pages bench \
	screenshots messages requirements bundle clean

help:  ## この一覧を表示します
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) \
		| while IFS='|' read -r target text; do printf '%-22s%s\n' "$$target" "$$text"; done


# The product, to try it out. Plain HTTP and this machine only, whatever .env says for production.
# Another database: make run DATABASE_URL=postgres://user:password@host/name
# One that has a plan, a user or a section that the trial did not make (3: demo/management/commands/demo.py) is
# served as it is: no trial is added, no migration applied.

run: export HTTPS = off
run: export PROXY_COUNT = 0
# Nobody has to back up a trial.
run: export BACKUP_WARN_DAYS ?= 0
run: export ALLOWED_HOSTS ?= localhost,127.0.0.1,[::1]
run: .venv/installed  ## 試用：準備をして http://127.0.0.1:8000/ で動かします（PORT=… で変更）
	@.venv/bin/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT))).close()' \
		2>/dev/null || { echo "ポート $(PORT) は使用中です。別の番号で: make run PORT=8001" >&2; exit 1; }
	@$(MANAGE) demo --check; code=$$?; if [ $$code -eq 3 ]; then \
		$(MANAGE) migrate --check >/dev/null || { echo "このデータベースの表は、この版のものではありません。" \
			"何も変えていません。控えを取ってから、manage.py migrate を実行してください。" >&2; exit 1; }; \
		echo "試用のデータは加えずに、このデータベースをそのまま動かします。"; exit 0; \
	fi; [ $$code -eq 0 ] || exit $$code; \
	echo "データベースを準備しています" && $(MANAGE) migrate --verbosity 0 && $(MANAGE) demo
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@echo
	@echo "開く: http://127.0.0.1:$(PORT)/ （終了は Ctrl-C）"
	@exec .venv/bin/python -m gunicorn nemuro_strategy.wsgi --bind 127.0.0.1:$(PORT) \
		--threads 4 --no-control-socket --log-level warning


# All tests on SQLite; on PostgreSQL those that may differ there, see tests/databases.py.

test: test-sqlite test-postgresql  ## すべてのテストを SQLite と一時的な PostgreSQL で実行します
ifeq ($(PYTEST_ARGS),)
	@$(MERGE_COVERED) >$(COVERED)/table; code=$$?; $(LEAST_COVERED); tail -n 1 $(COVERED)/table; \
		[ $$code -eq 0 ] || echo "テストが通る行と分岐が pyproject.toml の fail-under より少なくなっています" >&2; exit $$code
endif

test-fast: .venv/installed-for-tests  ## ブラウザーと LibreOffice を使わない速いテストだけを SQLite で実行します
	@$(TEST_SETTINGS) $(PYTEST) -m "not slow and not files and not stories" --hypothesis-profile fast $(PYTEST_ARGS)

test-sqlite: .venv/installed-for-tests  ## すべてのテストを SQLite で実行します
	@tests/install_programs.sh chromium-headless-shell libatomic1 fonts-noto-cjk libreoffice-calc poppler-utils postgresql nginx-light systemd slapd faketime curl
	@echo "テスト（SQLite）"
ifeq ($(PYTEST_ARGS),)
	@rm -rf $(COVERED)/sqlite && mkdir -p $(COVERED)/sqlite
	@$(TEST_SETTINGS) $(COVERING) $(ON_SQLITE) $(PYTEST) --numprocesses 3
else
	@$(TEST_SETTINGS) $(PYTEST) $(PYTEST_ARGS)
endif

test-postgresql: .venv/installed-for-tests  ## データベースによるテストを一時的な PostgreSQL で実行します
	@tests/install_programs.sh postgresql
	@echo "テスト（PostgreSQL）"
ifeq ($(PYTEST_ARGS),)
	@rm -rf $(COVERED)/postgresql && mkdir -p $(COVERED)/postgresql
	@$(TEST_SETTINGS) $(COVERING) $(ON_POSTGRESQL) tests/with_postgresql.sh $(PYTEST) -m both_databases
else
	@$(TEST_SETTINGS) tests/with_postgresql.sh $(PYTEST) -m both_databases $(PYTEST_ARGS)
endif

lint: .venv/installed-for-tests  ## 書式・型・マイグレーション・設定を検査します
	.venv/bin/ruff check --quiet
	.venv/bin/ruff format --check --quiet
	@$(TEST_SETTINGS) .venv/bin/python -m mypy --no-error-summary
	@.venv/bin/djade --target-version 5.2 --check $$(find templates -name '*.html')
	@$(TEST_SETTINGS) $(MANAGE) makemigrations --check --dry-run
	@$(TEST_SETTINGS) $(MANAGE) check
	@.venv/bin/python -m tests.audit_record check
	@echo "本番の設定（.env.example）"
	@env -i PATH="$$PATH" DATA_DIR="$(CURDIR)/var/test" .venv/bin/python -c 'import environ, io, runpy, secrets, sys; \
		text = open(".env.example", encoding="utf-8").read().replace("city.example.lg.jp", "city.test"); \
		environ.Env.read_env(io.StringIO(text.replace("change-me", secrets.token_hex(9)))); \
		sys.argv = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]; \
		runpy.run_path("manage.py", run_name="__main__")'

# Asks PyPI (AUDIT_SERVICE=osv: osv.dev) about each version in the list of development, which has all of the product,
# and writes requirements-audit.json. make lint needs no network: it compares with that file. pip-audit has
# an environment of its own, kept by uv; that it fails on a finding does not matter, since the last line does.
AUDIT_SERVICE ?= pypi
audit: .venv/installed-for-tests  ## 使っているパッケージに知られた弱点がないか、ネットワークで調べ、記録します
	@mkdir -p var/test && rm -f var/test/audit.json
	-.venv/bin/uv tool run --no-config pip-audit==2.10.1 --strict --disable-pip --require-hashes \
		-r requirements-dev.txt --vulnerability-service $(AUDIT_SERVICE) --format json --output var/test/audit.json
	@.venv/bin/python -m tests.audit_record write var/test/audit.json $(AUDIT_SERVICE)
	@.venv/bin/python -m tests.audit_record check

# Our own walk and wapiti, on both databases. PENTEST_SEED repeats a walk, PENTEST_SECONDS and
# WAPITI_SECONDS say how long.
pentest: .venv/installed-for-tests  ## 攻撃を試します：すべてのアドレスに、だれからでも、おかしな値を送ります
	@tests/install_programs.sh postgresql
	@$(TEST_SETTINGS) .venv/bin/python -m pytest --no-header -q -rP --show-capture=stdout \
		tests/pentest/check_site.py tests/pentest/check_wapiti.py $(PYTEST_ARGS)
	@$(TEST_SETTINGS) tests/with_postgresql.sh .venv/bin/python -m pytest --no-header -q -rP --show-capture=stdout \
		tests/pentest/check_site.py tests/pentest/check_wapiti.py $(PYTEST_ARGS)

# SOAK_SECONDS says how long, SOAK_PEOPLE how many people; docs/reliability.md has what the last run printed.
soak: .venv/installed-for-tests  ## 負荷と障害：100人が使う間に次々と故障を起こし、保存した値が失われないか調べます（10分）
	@tests/install_programs.sh postgresql nginx-light faketime
	@$(TEST_SETTINGS) .venv/bin/python -m tests.soak.run

# Both look at every page as everybody; the pages are written once. Each class of the file has a process of its own.
check-pages: .venv/installed-for-tests tests/html_checker/node_modules  ## すべての画面を、だれから見ても、Nu Html Checker と axe-core で検査します
	@tests/install_programs.sh chromium-headless-shell libatomic1 fonts-noto-cjk default-jre-headless
	@$(TEST_SETTINGS) .venv/bin/python -m pytest --no-header --quiet --numprocesses 2 --dist loadscope \
		tests/browser/check_every_page.py

# npm verifies its downloads against package-lock.json. The checker is a single Java archive: nothing of it
# needs to be run to install it.
tests/html_checker/node_modules: tests/html_checker/package.json tests/html_checker/package-lock.json
	@tests/install_programs.sh npm
	@echo "HTML の検査プログラムを入れています"
	@cd tests/html_checker && npm ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

# BENCH_ARGS="概要 固定費" measures only what has one of the words in its name.
BENCH_ARGS ?=
bench: .venv/installed-for-tests  ## 応答時間の比を、SQLite と一時的な PostgreSQL で測ります
	@tests/install_programs.sh postgresql
	@$(TEST_SETTINGS) .venv/bin/python bench/run.py $(BENCH_ARGS)

screenshots: .venv/installed-for-tests  ## README と利用の手引（docs/manual/）の画像を作り直します
	@tests/install_programs.sh chromium-headless-shell libatomic1 fonts-noto-cjk libreoffice-calc poppler-utils
	@.venv/bin/python -m docs.screenshots.run

# After a change of locale/ja/LC_MESSAGES/*.po. What is made of them is in git, too: a server needs no gettext.
messages:  ## locale/ の訳文（*.po）から、Djangoが読む*.moを作り直します
	@tests/install_programs.sh gettext
	@for part in django djangojs; do msgfmt --check-format --no-hash \
		--output-file locale/ja/LC_MESSAGES/$$part.mo locale/ja/LC_MESSAGES/$$part.po || exit 1; done

# After a change of requirements.in or requirements-dev.in. What the files do not name keeps its
# version; to renew that, too: make requirements UV_ARGS=--upgrade
# One list serves Linux on every processor and every Python from 3.11: the hashes are those of all
# files of a version. Neither the addresses of registries nor local folders get into the lists.
requirements: .venv/installed-for-tests  ## requirements*.in から requirements*.txt（版とハッシュ）を作り直します
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

# For servers that reach no registry. Debian's packages come with it where this is Debian 12; DEBS=no leaves them out.
DEBS ?= yes
bundle: .venv/bin/pip  ## ネットワークのないサーバーに入れるための1つのファイルを、var/bundle に作ります
	@deploy/make_bundle.sh var/bundle $(DEBS)

clean:  ## .venv と一時ファイルを消します（var/ のデータは残ります）
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis var/static var/test tests/html_checker/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +


# The environment. pip runs again only when its list has changed. requirements-dev.txt holds all of
# requirements.txt.

PIP_INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes

.venv/installed: requirements.txt | .venv/bin/pip
	@echo "requirements.txt を .venv に入れています"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/installed-for-tests: requirements-dev.txt | .venv/bin/pip
	@echo "requirements-dev.txt を .venv に入れています"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

.venv/bin/pip:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 以降が必要です（$(PYTHON) は使えません）。例: make PYTHON=python3.11" >&2; \
		exit 1; }
	@PYTHON="$(PYTHON)" tests/install_programs.sh python3-venv
	@echo "$$("$(PYTHON)" --version) で .venv を作っています"
	@trap 'rm -rf .venv' INT TERM; "$(PYTHON)" -m venv --clear .venv || { rm -rf .venv; exit 1; }
