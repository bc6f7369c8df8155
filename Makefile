# The commands a newcomer needs. Each sets up its environment first, from the lock.
PYTHON ?= python3

.PHONY: help demo test verify lab release bench lint lock clean

help:
	@echo "make demo     grade a small class from end to end, in demo/"
	@echo "make lab      JupyterLab on this course"
	@echo "make release  build release/ from source/"
	@echo "make test     the test suite"
	@echo "make verify   the same at full size: every answer through every path"
	@echo "make bench    measure marking and notebooks; writes docs/benchmarks.md, docs/benchmarks-class.md and docs/speed.md"
	@echo "make lint     ruff and mypy"
	@echo "make lock     resolve requirements/*.txt again"

demo: .venv/ready
	.venv/bin/nnx-course demo

test: .venv/ready .venv-colab/ready lint
	.venv/bin/pytest

verify: .venv/ready .venv-colab/ready
	.venv/bin/pytest --every-answer

lab: .venv/ready
	.venv/bin/jupyter lab

release: .venv/ready
	.venv/bin/nnx-course release

bench: .venv/ready
	.venv/bin/python benchmarks/marking.py
	.venv/bin/python benchmarks/grading.py
	.venv/bin/python benchmarks/notebooks.py

lint: .venv/ready
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

# uv resolves one set of pins for every Python and system; pip installs it.
lock:
	uv pip compile --universal --fork-strategy fewest --python-version 3.11 --group dev pyproject.toml -o requirements/default.txt --quiet
	uv pip compile --universal --fork-strategy fewest --python-version 3.11 --group dev pyproject.toml -o requirements/colab.txt --override requirements/colab.in --quiet

clean:
	rm -rf .venv .venv-colab demo .pytest_cache .ruff_cache .mypy_cache

.venv/ready: requirements/default.txt pyproject.toml
.venv-colab/ready: requirements/colab.txt pyproject.toml

.venv/ready .venv-colab/ready:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else f"Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is {sys.version.split()[0]}. Run: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@echo "Setting up $(@D) from $< (once; it takes a few minutes)"
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
