# What a person types. Each target installs what it needs.

.PHONY: help figures test lint format build release clean dependencies

help:
	@echo "make figures   both figures of the ZerO paper from MNIST, with the verdict on Theorem 1"
	@echo "make test      lint, import check, build and all tests"
	@echo "make release   the optimised program, .build/release/zerolab"
	@echo "make format    format the sources"
	@echo "make clean     remove everything that was built"

figures: release
	.build/release/zerolab run figure_3_left figure_3_right

test: dependencies lint build
	swift test --disable-xctest --skip-build

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
