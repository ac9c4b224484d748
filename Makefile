# What a person types. Each target installs what it needs.

.PHONY: help figures test parity rounding lint format build release clean dependencies

help:
	@echo "make figures   both figures of the ZerO paper from MNIST, with the verdict on Theorem 1"
	@echo "make test      lint, import check, build and all tests"
	@echo "make parity    zerolab beside PyTorch and NumPy, one table (installs them, 6 GB; 4 minutes more)"
	@echo "make rounding  how rounding differences grow along training, in both"
	@echo "make release   the optimised program, .build/release/zerolab"
	@echo "make format    format the sources"
	@echo "make clean     remove everything that was built"

figures: release
	.build/release/zerolab run figure_3_left figure_3_right

test: dependencies lint build
	swift test --disable-xctest --skip-build

# The peers' environment; it is made anew when its list changes.
PEERS = .build/peers
$(PEERS)/ready: Tests/Parity/requirements.txt | dependencies
	@Scripts/install-dependencies.sh python3-venv dataset-fashion-mnist
	python3 -m venv --clear $(PEERS)
	$(PEERS)/bin/pip install --quiet --requirement $<
	touch $@

parity: release $(PEERS)/ready
	$(PEERS)/bin/python Tests/Parity/parity.py .build/release/zerolab

rounding: release $(PEERS)/ready
	$(PEERS)/bin/python Tests/Parity/rounding.py .build/release/zerolab

# Warnings are errors, and so is an import that Package.swift does not list.
build: dependencies
	swift build --build-tests --explicit-target-dependency-import-check error

release: dependencies
	swift build -c release --product zerolab

lint:
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

format:
	swift format --in-place --recursive --parallel Sources Tests Package.swift

dependencies:
	@Scripts/install-dependencies.sh

clean:
	swift package clean
