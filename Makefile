# 幸福圆桌。只需要 Python ≥ 3.11（含 venv）和 make；其余的都由 tools/furnish.py 安装到本文件夹。

PYTHON ?= python3
PORT ?= 8000
DATA ?= data

VENV := .venv/bin
PYTEST := $(VENV)/python -m pytest
FURNISH := $(PYTHON) tools/furnish.py
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/python -m piptools compile --quiet --generate-hashes \
	--allow-unsafe --strip-extras --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help serve test test-fast test-browser check format prove bench lock clean

help: ## 列出可用的目标
	@echo "用法：make <目标> [变量=值]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

serve: ## 安装一切并启动演示区（PORT=端口，默认 8000；DATA=数据文件夹，默认 data）
	@$(FURNISH) serve
	@$(PYTHON) tools/demo.py "$(DATA)"
	@exec $(VENV)/roundtable serve --data "$(DATA)" --port "$(PORT)" --demo

test: ## 安装一切并运行全部测试（SQLite、PostgreSQL、流程故事、真实浏览器）
	@$(FURNISH) test
	@status=0; \
	$(PYTEST) -n 2 --dist worksteal -m "not browser and not prove" || status=1; \
	$(PYTEST) -n 2 --dist worksteal -m "browser and not prove" || status=1; \
	exit $$status

test-fast: ## 只运行不用浏览器和 PostgreSQL 的测试
	@$(FURNISH) check
	@$(PYTEST) -n 2 --dist worksteal -m "not browser and not postgres and not prove"

test-browser: ## 只运行浏览器测试
	@$(FURNISH) test
	@$(PYTEST) -n 2 --dist worksteal -m "browser and not prove"

check: ## 检查代码的格式、规范和类型，与持续集成所做的相同
	@$(FURNISH) check
	$(VENV)/ruff format --check
	$(VENV)/ruff check
	$(VENV)/python -m mypy
	@$(FURNISH) types

format: ## 整理代码格式
	@$(FURNISH) check
	$(VENV)/ruff format
	$(VENV)/ruff check --fix

prove: ## 运行长时间的验证（模糊测试、PostgreSQL 上的浏览器全流程）
	@$(FURNISH) test
	@$(PYTEST) -n 2 --dist worksteal -m prove --hypothesis-profile=prove

bench: ## 测速：与 SpiffWorkflow 本身和最低限度的事务相比（BENCH="--quick" 短测，--json 文件 另存结果）
	@$(FURNISH) check
	@$(VENV)/roundtable bench $(BENCH)

lock: ## 重新锁定 Python 与 npm 软件包的版本
	@$(FURNISH) check
	$(LOCK) --build-deps-for editable --output-file requirements.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	$(LOCK) --output-file requirements-node.txt requirements-node.in
	npm install --package-lock-only
	npm install --package-lock-only --prefix tools/chromium

clean: ## 删除安装和构建的内容（不删除数据文件夹）
	rm -rf .venv .chromium node_modules web/static/built
