import Testing
import ZerOTraining

@testable import ZerOExperiments

@Suite struct ExperimentTests {
  private let head = """
    name: small
    question: Does it work?
    data: some-data
    training: {epochs: 2, learning_rate: 0.05, bias: none}
    measure: {every: 10, quantities: [rank]}

    """

  private func decode(_ rest: String) throws(ExperimentError) -> Experiment {
    try Experiment(yaml: head + rest, path: "small.yaml")
  }

  @Test(arguments: Experiment.builtInNames)
  func `every built-in experiment decodes under its file's name`(name: String) throws {
    let experiment = try Experiment.load(name)
    #expect(experiment.name == name)
    #expect(!experiment.plans.isEmpty && !experiment.figures.isEmpty && !experiment.claims.isEmpty)
    #expect(experiment.question.hasSuffix("?") || experiment.question.hasSuffix(")"))
  }

  @Test func `the two figures have the extended notebook's runs`() throws {
    let left = try Experiment.load("figure_3_left")
    #expect(
      left.plans
        == [256, 512, 1024, 2048].map { TrainingPlan(initializer: "Partial_Identity", width: $0) })
    let right = try Experiment.load("figure_3_right")
    #expect(
      right.plans
        == ["Random", "Partial_Identity", "ZerO"].map { TrainingPlan(initializer: $0, width: 1024) }
    )
    #expect(Set(left.plans).intersection(right.plans).count == 1)
  }

  @Test func `the original settings are the authors'`() throws {
    for name in ["figure_3_left_original", "figure_3_right_original"] {
      for plan in try Experiment.load(name).plans {
        #expect(plan.epochs == 20 && plan.bias == nil && plan.stepSize == 12 && plan.gamma == 0.7)
        #expect(name == "figure_3_left_original" || plan.width == 2048)
      }
    }
  }

  @Test func `settings reach every run, and a run's own keys win`() throws {
    let experiment = try decode("runs: [{init: ZerO, width: 8}, {init: OnE, width: 9, epochs: 5}]")
    #expect(experiment.plans.map(\.epochs) == [2, 5])
    #expect(experiment.plans.allSatisfy { $0.data == "some-data" && $0.learningRate == 0.05 })
    #expect(experiment.plans.allSatisfy { $0.bias == nil && $0.measureEvery == 10 })
    #expect(experiment.plans.allSatisfy { $0.quantities == ["rank"] })
  }

  @Test func `lists multiply, and equal runs are kept once`() throws {
    let experiment = try decode(
      "runs: [{init: [ZerO, OnE], width: [8, 9], seed: [1, 2]}, {init: OnE, width: 9}]")
    #expect(Set(experiment.plans.map(\.identifier)).count == 8)
    #expect(
      experiment.plans.prefix(3).map { "\($0.initializer) \($0.width) \($0.seed)" }
        == ["ZerO 8 1", "ZerO 8 2", "ZerO 9 1"])
  }

  @Test func `symmetry is a key like any other, and its former name and value are still read`()
    throws
  {
    let experiment = try decode("runs: [{init: ZerO, width: 8, symmetry: [dense, reduced]}]")
    #expect(experiment.plans.map(\.symmetry) == [.dense, .reduced])
    #expect(experiment.plans[1].identifier.contains("-reduced-"))
    #expect(experiment.plans[1].trainCommand.contains("--symmetry reduced"))
    let former = try decode(
      """
      runs: [{init: ZerO, width: 8, ties: [dense, exact]}]
      figure: {quantity: rank, tensor: l3.weight, label: "{width} {ties}", runs: {ties: exact}}
      claims: [{runs: {ties: dense}, tensor: l3.weight, quantity: rank, at_most: 5}]
      """)
    #expect(former.plans == experiment.plans)
    #expect(
      former.figures[0].label == "{width} {ties}" && former.plans[1].text(of: "ties") == "reduced")
    #expect(former.plans.filter(former.claims[0].runs.matches).map(\.symmetry) == [.dense])
    for key in ["symmetry", "ties"] {
      #expect {
        try decode("runs: [{init: ZerO, width: 8, \(key): loose}]")
      } throws: { "\($0)".contains("dense or reduced") }
    }
    #expect {
      try decode("runs: [{init: ZerO, width: 8, ties: exact, symmetry: dense}]")
    } throws: { "\($0)".contains("'symmetry' and its former name") }
  }

  @Test func `the listed keys are the known ones`() {
    #expect(Experiment.keys(of: "figure").contains("panels"))
    #expect(Experiment.keys(of: "figure.lines") == ["label", "y", "color", "dashed"])
    #expect(Experiment.keys(of: "runs") == [TrainingPlan.repeatKey])
    #expect(Experiment.keys(of: "").contains(Experiment.overrideKey))
    #expect(Experiment.keys.map(\.path).filter { $0.hasPrefix("measure.") }.isEmpty)
    #expect(Set(Experiment.keys.map(\.path)).count == Experiment.keys.count)
  }

  @Test func `repeat counts both seeds on from where they stand`() throws {
    let experiment = try decode(
      "runs: [{init: Random, width: [8, 9], seed: 5, model_seed: 7, repeat: 3}]")
    #expect(experiment.plans.map(\.width) == [8, 8, 8, 9, 9, 9])
    #expect(experiment.plans.map(\.seed) == [5, 6, 7, 5, 6, 7])
    #expect(experiment.plans.map(\.modelSeed) == [7, 8, 9, 7, 8, 9])
    for count in ["0", "-1", "1.5", "[1, 2]", "1000001"] {
      #expect(throws: ExperimentError.self) {
        try decode("runs: [{init: Random, width: 8, repeat: \(count)}]")
      }
    }
    #expect(throws: ExperimentError.self) {
      try decode("runs: [{init: Random, width: 8, seed: 18446744073709551615, repeat: 2}]")
    }
  }

  @Test func `deeper networks have more tensors, claims only those of every run`() throws {
    func decode(_ depth: String, figure: String, claim: String) throws -> Experiment {
      try self.decode(
        """
        runs: [{init: ZerO, width: 8, depth: \(depth)}]
        figure: {quantity: rank, tensor: \(figure), label: "{depth}"}
        claims: [{runs: {init: ZerO}, tensor: \(claim), quantity: rank, at_most: 5}]
        """)
    }
    let experiment = try decode("[1, 3]", figure: "l5.weight", claim: "l3.weight")
    #expect(experiment.plans.map(\.identifier).last?.contains("-d3") == true)
    #expect(throws: ExperimentError.self) {
      try decode("[1, 3]", figure: "l6.weight", claim: "l3.weight")
    }
    #expect(throws: ExperimentError.self) {
      try decode("[1, 3]", figure: "l5.weight", claim: "l4.weight")
    }
    #expect(try decode("[2, 3]", figure: "l3.weight", claim: "l4.weight").claims.count == 1)
  }

  @Test func `filters accept single values and lists`() throws {
    let experiment = try decode(
      """
      runs: [{init: [ZerO, OnE], width: [8, 9]}]
      claims:
        - {runs: {init: ZerO}, tensor: l3.weight, quantity: rank, at_most: input_dimension}
        - {runs: {init: [ZerO, OnE], width: 9}, tensor: l3.weight, quantity: rank, exceeds: 3}
        - {runs: {learning_rate: 0.050, bias: null}, tensor: l3.weight, quantity: rank, exceeds: 3}
      """)
    let counts = experiment.claims.map { experiment.plans.count(where: $0.runs.matches) }
    #expect(counts == [2, 2, 4])
    #expect(experiment.claims.map(\.bound) == [.inputDimension, .number(3), .number(3)])
    #expect(experiment.claims.map(\.relation) == [.atMost, .exceeds, .exceeds])
  }

  @Test func `a figure draws the runs that its filter passes`() throws {
    let experiment = try decode(
      """
      runs: [{init: [ZerO, OnE], width: [8, 9], depth: [1, 2]}]
      figure:
        - {quantity: rank, tensor: l4.weight, label: all}
        - {name: wide, runs: {width: 9, init: [OnE, ZerO]}, quantity: rank, tensor: l3.weight, label: wide}
      """)
    let counts = experiment.figures.map { experiment.plans.count(where: $0.runs.matches) }
    #expect(counts == [8, 4])
    #expect(experiment.figures.map(\.runs.description) == ["", "width 9, init OnE or ZerO"])
  }

  @Test func `a figure has panels, each with runs and a quantity of its own`() throws {
    let experiment = try Experiment(
      yaml: """
        name: two
        data: mnist
        measure: {quantities: [rank, rank_from_start]}
        runs: [{init: [ZerO, Random], width: 8}]
        figure:
          - panels:
              - {title: Left, runs: {init: ZerO}, quantity: rank, tensor: l3.weight, label: a}
              - {quantity: rank_from_start, tensor: l3.weight, label: b, x_label: x, y_label: y}
          - {name: single, quantity: rank, tensor: l3.weight, label: a}
        """, path: "two.yaml")
    let figures = experiment.figures
    #expect(figures.map(\.name) == ["two", "two", "single"])
    #expect(figures.map(\.title) == ["Left", "", ""])
    #expect(figures.map(\.quantity) == ["rank", "rank_from_start", "rank"])
    #expect(figures.map(\.xLabel) == ["update", "x", "update"])
    #expect(figures.map(\.yLabel) == [nil, "y", nil])
    #expect(figures.map { experiment.plans.count(where: $0.runs.matches) } == [1, 2, 2])
  }

  @Test func `a figure of differences knows what each run has subtracted`() throws {
    let experiment = try decode(
      """
      runs: [{init: ZerO, width: [8, 9], seed: [1, 2], symmetry: [dense, reduced]}]
      figure: {runs: {symmetry: dense, width: 9}, quantity: rank, tensor: l3.weight, label: a, minus: {symmetry: reduced}}
      """)
    let difference = try #require(experiment.figures.first?.difference)
    #expect(difference.description == "symmetry reduced")
    #expect(experiment.figures[0].yLabel == nil)
    for plan in experiment.plans {
      var other = plan
      other.symmetry = .reduced
      let isDrawn = plan.symmetry == .dense && plan.width == 9
      #expect(difference.subtrahend(of: plan) == (isDrawn ? other : nil))
    }
  }

  @Test(arguments: [
    ("runs: [{init: ZerO, widht: 8}]", 6, "unknown key 'widht'; did you mean 'width'?"),
    ("rnus: []", 6, "unknown key 'rnus'; did you mean 'runs'?"),
    ("runs: [{init: ZerO, width: 8, seeds: 3}]", 6, "'seeds'; did you mean 'repeat'?"),
    ("runs: [{init: ZerO, width: 8, lr: 0.1}]", 6, "'lr'; did you mean 'learning_rate'?"),
    ("runs: [{init: Kaiming, width: 8}]", 6, "'Kaiming': did you mean 'Random'?"),
    ("runs:\n\t- {init: ZerO, width: 32}", 7, "not YAML: the line has a tab; indent with spaces"),
    ("runs: [{<<: {widht: 3}, init: ZerO}]", 6, "unknown key 'widht'"),
    ("runs: [{<<: 3, init: ZerO}]", 6, "'<<' must be a table of keys"),
    (
      "x: &_a [z,z,z,z,z,z,z,z,z]\n"
        + zip("bcdefghi", "abcdefgh").map { new, old in
          "\(new): &_\(new) [\(Array(repeating: "*_\(old)", count: 9).joined(separator: ","))]\n"
        }.joined() + "? *_i\n: 1", 1, "its nested aliases expand to too many values"
    ),
    ("figure: {}", 1, "the key 'runs' is missing"),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {label: a, panels: [{quantity: rank, tensor: l3.weight, label: a}]}",
      7, "'label' must be in each of the panels"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {panels: [{name: b, quantity: rank, tensor: l3.weight, label: a}]}",
      7, "unknown key 'name'"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {panels: []}", 7,
      "'panels' must be a list of at least one"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {panels: [{quantity: rank, tensor: l3.weight, label: a}, {quantity: rank, tensor: l3.weight, label: a, y_scale: log}]}",
      7, "'panels' must be panels with one y_scale"
    ),
    ("runs: [{init: ZerO}]", 6, "the key 'width' is missing"),
    ("runs: [{init: ZerO, width: eight}]", 6, "'width' must be a whole number, not 'eight'"),
    ("runs: [{init: ZerO, width: {a: 1}}]", 6, "'width' must be a whole number, not a table"),
    ("runs: [{init: ZerO, width: 0}]", 6, "width is 0; it must be at least 1"),
    ("runs: [{init: Zero, width: 8}]", 6, "unknown initializer 'Zero': did you mean 'ZerO'?"),
    ("runs: [{init: ZerO, width: 8, learning_rate: .nan}]", 6, "learning_rate is nan"),
    (
      "runs: [{init: ZerO, width: 8, seed: -1}]", 6,
      "'seed' must be 0 to 18446744073709551615, not '-1'"
    ),
    (
      "runs: [{init: ZerO, width: 8, nesterov: true}]", 6,
      "nesterov is true, but momentum is 0; set momentum"
    ),
    ("runs: [{init: ZerO, width: 8, nesterov: maybe}]", 6, "must be true or false, not 'maybe'"),
    (
      "runs: [{init: ZerO, width: 8, optimizer: [sgd, adam], momentum: 0.9}]", 6,
      "momentum is 0.9, but optimizer adam has no such setting; use optimizer sgd"
    ),
    ("runs: [{init: ZerO, width: 8, optimizer: adm}]", 6, "'adm': did you mean 'adam'?"),
    ("runs: [{init: ZerO, width: 8, weight_decay: -1}]", 6, "weight_decay is -1.0; it must be"),
    ("runs: [{init: ZerO, width: 8, clip: 0}]", 6, "clip is 0.0, but then no update changes"),
    ("runs: [{init: ZerO, width: 8, label_smoothing: 2}]", 6, "label_smoothing is 2.0"),
    (
      "runs: [{init: ZerO, width: 8, symmetry: reduced, optimizer: adam, weight_decay: 0.1}]", 6,
      "use optimizer adamw, weight_decay 0 or symmetry dense"
    ),
    ("runs: [{init: ZerO, width: 8, model: mpl}]", 6, "'mpl': did you mean 'mlp'?"),
    ("runs: [{init: ZerO, width: 8, activation: gleu}]", 6, "'activation' must be relu"),
    (
      "runs: [{init: ZerO, width: 8, norm: batch}]", 6,
      "model mlp has no norm batch; use none or layer"
    ),
    ("runs: [{init: ZerO, model: resnet20, norm: rms}]", 6, "use batch or group or layer"),
    (
      "runs: [{init: ZerO, model: resnet20, width: 12, norm: group}]", 6,
      "multiples of 8, and 12 is not"
    ),
    (
      "runs: [{init: ZerO, model: resnet, blocks: [1, 2]}, {init: ZerO, model: resnet, blocks: [1], widths: [8, 9]}]",
      6, "1 stages of blocks and 2 of widths"
    ),
    ("runs: [{init: ZerO, width: 8, blocks: [1]}]", 6, "model mlp does not use blocks"),
    ("runs: [{init: ZerO, width: 8, augment: [crp]}]", 6, "did you mean 'crop'?"),
    ("runs: [{init: {default: ZerO, '*bn2.weight': OnE}, model: resnet20}]", 6, "or at 0 by Zeros"),
    ("runs: [{init: ZerO, width: 1, norm: layer}]", 6, "use a larger width or no norm"),
    ("runs: [{init: ZerO, width: 8, depth: 3, residual: true}]", 6, "use an even depth"),
    (
      "runs: [{init: ZerO, model: {family: mlp, widht: 8}}]", 6,
      "unknown key 'widht'; did you mean 'width'?"
    ),
    (
      "runs: [{init: ZerO, width: 8, model: {family: mlp, width: 8}}]", 6,
      "the key 'width' is set twice, once in 'model'; remove one"
    ),
    ("runs: [{init: {'*.last.weight': Zeros}, width: 8}]", 6, "'default'"),
    (
      "runs: [{init: {default: ZerO, l9.weight: Zeros}, width: 8}]", 6,
      "'l9.weight' matches no weight of the model; its weights are l1.weight, l2.weight"
    ),
    (
      "runs: [{init: {default: ZerO, l3.weight: Zeroes}, width: 8}]", 6,
      "unknown initializer 'Zeroes': did you mean 'Zeros'?"
    ),
    (
      "runs: [{init: ZerO, width: 8, init_rules: nonsense}]", 6,
      "'nonsense', but a rule is PATTERN=INITIALIZER, such as '*.last.weight=Zeros'"
    ),
    ("runs: 3", 6, "'runs' must be a table of keys, not a single value"),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {quantity: rank, tensor: l3.weight, label: '{widht}'}",
      7, "'label' must be a text with"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nclaims: [{runs: {}, tensor: l3.weight, quantity: rank}]", 7,
      "the key 'at_most' or 'exceeds' is missing here"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {quantity: test_accuracy, tensor: l3.weight, label: a}",
      7, "'tensor' is not used beside 'quantity: test_accuracy'; remove it"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {quantity: rank, x: depth, tensor: l3.weight, label: a}",
      7, "'tensor' is not used beside 'x: depth'; remove it"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {quantity: rank, tensor: l3.weight, at: 3, label: a}",
      7, "'at' is used only beside 'x: depth'; add that, or remove it"
    ),
    (
      "runs: [{init: ZerO, width: 8, augment: [flip, flip]}]", 6,
      "augment: 'flip' is listed twice; remove one"
    ),
    ("runs: []", 6, "'runs' must be a list of at least one"),
    ("runs: [{init: ZerO, width: []}]", 6, "'width' must be a list of at least one"),
    ("runs: [{init: ZerO, width: 8, epochs: 9223372036854775807}]", 6, "it may be at most 1000000"),
    ("runs: [{init: ZerO, width: 8, bias: 1.0e+300}]", 6, "a finite number in single precision"),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {name: ../up, quantity: rank, tensor: l3.weight, label: a}",
      7, "'name' must be a name of its own, without slashes"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: [{quantity: rank, tensor: l3.weight, label: a}, {quantity: rank, tensor: l3.weight, label: b}]",
      7, "the key 'name' is missing here"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {quantity: rank, tensor: l3.weight, label: a, lines: [{label: b, y: .inf}]}",
      7, "'y' must be a number up to 1e12"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nclaims: [{runs: {init: []}, tensor: l3.weight, quantity: rank, at_most: 1}]",
      7, "'init' must be a list of at least one"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nclaims: [{runs: {}, tensor: l3.weight, quantity: rank, at_most: 1, exceeds: 1}]",
      7, "'exceeds' must be in a claim of its own"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nclaims: [{runs: {}, tensor: l3.bias, quantity: rank, at_most: 1}]",
      7, "'tensor' must be one of l3.weight, not 'l3.bias'"
    ),
    ("runs:\n  - {init: ZerO, width: 8}\n  - [", 9, "not YAML"),
    ("runs: [{init: ZerO, width: 8}]\nruns: []", 6, "the key 'runs' occurs twice"),
    (
      "runs: [{init: ZerO, width: 8}]\nclaims: [{runs: {init: OnE}, tensor: l3.weight, quantity: rank, at_most: 1}]",
      7, "no run of this experiment matches '"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nclaims: [{runs: {}, tensor: l3.weight, quantity: rank_from_start, at_most: 1}]",
      7, "'quantity' must be one of rank, not 'rank_from_start'"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {runs: {width: 9}, quantity: rank, tensor: l3.weight, label: a}",
      7, "no run of this experiment matches '"
    ),
    (
      "runs: [{init: ZerO, width: 8}, {init: OnE, width: 9}]\nfigure: {quantity: rank, tensor: l3.weight, label: a, minus: {init: OnE}}",
      7, "no run of this experiment matches '"
    ),
    (
      "runs: [{init: [ZerO, OnE], width: 8}]\nfigure: {quantity: rank, tensor: l3.weight, label: a, minus: {init: OnE}}",
      7, "'minus' must be values that differ from the figure's runs"
    ),
    (
      "runs: [{init: [ZerO, OnE], width: 8}]\nfigure: {runs: {init: ZerO}, quantity: rank, tensor: l3.weight, label: a, minus: {init: OnE}, y_scale: log}",
      7, "'y_scale' must be linear beside 'minus'"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {runs: {widht: 8}, quantity: rank, tensor: l3.weight, label: a}",
      7, "unknown key 'widht'; did you mean 'width'?"
    ),
    (
      "runs: [{init: ZerO, width: 8, depth: [1, 2]}]\nfigure: {runs: {depth: 1}, quantity: rank, tensor: l4.weight, label: a}",
      7, "'tensor' must be one of l3.weight, not 'l4.weight'"
    ),
    (
      "runs: [{init: ZerO, width: 8}]\nfigure: {quantity: rank, tensor: l3.weight, label: a, lines: [{label: b, y: up}]}",
      7, "'y' must be a number up to 1e12, or input_dimension"
    ),
  ])
  func `an error names the line and the fix`(
    rest: String, line: Int, message: String
  ) {
    #expect {
      try decode(rest)
    } throws: { error in
      let text = "\(error)"
      #expect(text.hasPrefix("small.yaml, line \(line): "), "\(text)")
      #expect(text.contains(message), "\(text)")
      return error is ExperimentError
    }
  }

  @Test(arguments: ["", "just a text", "[1, 2]"])
  func `what is no table is no experiment`(text: String) {
    #expect(throws: ExperimentError.self) { try Experiment(yaml: text, path: "x.yaml") }
  }

  @Test func `names that are no folder's are refused`() {
    for name in ["a/b", ".hidden", "''", String(repeating: "a", count: 230)] {
      #expect(throws: ExperimentError.self) {
        try Experiment(yaml: "name: \(name)\nruns: [{init: ZerO, width: 8}]", path: "x.yaml")
      }
    }
  }

  @Test func `a table takes over what it doesn't say itself`() throws {
    let text = """
      name: merged
      training: &base {epochs: 3, seed: 7}
      runs:
        - {<<: *base, init: ZerO, width: 8, seed: 9}
        - {<<: [{width: 4}, {width: 5, epochs: 2}], init: OnE}
      """
    let plans = try Experiment(yaml: text, path: "merged.yaml").plans
    #expect(plans.map(\.width) == [8, 4] && plans.map(\.epochs) == [3, 2])
    #expect(plans.map(\.seed) == [9, 7])
  }

  @Test func `an interval of nothing is named with its key and line`() {
    let text = "name: a\nmeasure:\n  every: 0\nruns: [{init: ZerO, width: 8}]\n"
    #expect {
      try Experiment(yaml: text, path: "a.yaml")
    } throws: { "\($0)" == "a.yaml, line 3: 'every' must be 1 or more, not '0'" }
  }

  @Test func `many anchors that don't contain each other are no danger`() throws {
    let tables = (0..<40).map { "  - &run\($0) {init: ZerO, width: \($0 + 1)}\n" }.joined()
    let more = (0..<40).map { "  - {<<: *run\($0), epochs: 2}\n  - {<<: *run\($0), epochs: 3}\n" }
    let text = "name: many\nquestion: \"R&D, a*b?\"\nruns:\n" + tables + more.joined()
    let experiment = try Experiment(yaml: text, path: "many.yaml")
    #expect(experiment.plans.count == 120 && experiment.question == "R&D, a*b?")
  }

  @Test func `an unknown experiment is answered with the nearest`() {
    #expect {
      try Experiment.load("figure_3_lef")
    } throws: { error in
      "\(error)".contains("did you mean 'figure_3_left'?")
    }
  }

  @Test func `replaced settings become part of the text`() throws {
    let experiment = try decode("runs: [{init: ZerO, width: 8, epochs: [1, 2]}]")
    let changed = try experiment.overriding(["epochs": "3", "data": #"a "folder": b"#])
    #expect(changed.plans.map(\.epochs) == [3], "runs that became equal are kept once")
    #expect(changed.plans.map(\.data) == [#"a "folder": b"#])
    #expect(try Experiment(yaml: changed.source, path: "copy") == changed)
    #expect(try experiment.overriding([:]) == experiment)
    // A second time replaces the first, and leaves what it doesn't name.
    let again = try changed.overriding(["epochs": "4"])
    #expect(again.plans.map(\.epochs) == [4] && again.plans[0].data == changed.plans[0].data)
    #expect(again.source.split(separator: "\n").count { $0.hasPrefix("override:") } == 1)
  }

  @Test(arguments: [
    "name: x\noverride:\n  epochs: 2\n  gamma: 0.5\nruns: [{init: ZerO, width: 8}]\n",
    "name: x\noverride: {epochs: 2, gamma: 0.5}\nruns: [{init: ZerO, width: 8}]\n",
    "{name: x, runs: [{init: ZerO, width: 8}], override: {gamma: 0.5}}",
    "name: x\r\nruns: [{init: ZerO, width: 8}]\r\noverride: {epochs: 2, gamma: 0.5}\r\n",
  ])
  func `settings are replaced beside those of the text's own, in whatever form`(text: String) throws
  {
    let changed = try Experiment(yaml: text, path: "x").overriding(["epochs": "3", "data": "a: b"])
    #expect(changed.plans.map(\.epochs) == [3] && changed.plans.map(\.gamma) == [0.5])
    #expect(changed.plans.map(\.data) == ["a: b"])
    #expect(try Experiment(yaml: changed.source, path: "copy") == changed)
  }

  @Test func `an experiment without a figure has one of the ranks from the start`() throws {
    func figures(_ text: String) throws -> [FigureSpecification] {
      try Experiment(yaml: "name: x\nruns: [{init: ZerO, width: 8}]\n" + text, path: "x").figures
    }
    let figure = try #require(try figures("").first)
    #expect(figure.quantity == "rank_from_start" && figure.tensor == "l3.weight")
    #expect(figure.lines.map(\.y) == [.inputDimension])
    #expect(try figures("measure: {quantities: [rank]}").map(\.quantity) == ["rank"])
  }

  @Test func `an experiment knows the command that makes its runs again`() throws {
    let builtIn = try Experiment.load("figure_3_left")
    #expect(builtIn.command == "zerolab run figure_3_left")
    #expect(
      try builtIn.overriding(["data": "it's mine", "epochs": "2"]).command
        == #"zerolab run figure_3_left --epochs 2 --data 'it'\''s mine'"#)
    // Another setting has no option, and another text is another experiment.
    #expect(try builtIn.overriding(["gamma": "1"]).command == "zerolab run experiment.yaml")
    let other = try Experiment(yaml: builtIn.source + "# mine", path: "figure_3_left.yaml")
    #expect(other.command == "zerolab run experiment.yaml")
  }

  @Test func `a replaced setting is checked as any other`() throws {
    let experiment = try decode("runs: [{init: ZerO, width: 8}]")
    for (key, value) in [("epochs", "0"), ("epochs", "many"), ("epoch", "1"), ("init", "Zero")] {
      #expect(throws: ExperimentError.self) { try experiment.overriding([key: value]) }
    }
    #expect(throws: ExperimentError.self) {
      try decode("override: {width: [1, 2]}\nruns: [{init: ZerO, width: 8}]")
    }
  }

  @Test(arguments: [
    "measure: quantities", "measure: [quantities]", "measure: {quantities: quantities}",
    "measure: {quantities: [rank_from_start, quantities]}",
  ])
  func `quantities stands for all quantities of the change, with a figure each`(measure: String)
    throws
  {
    let experiment = try Experiment(
      yaml: "name: x\nruns: [{init: ZerO, width: 8}]\n" + measure, path: "x")
    let quantities = experiment.plans[0].quantities
    #expect(quantities.count == 8 && quantities.allSatisfy { $0.hasSuffix("_from_start") })
    #expect(experiment.figures.map(\.quantity) == quantities)
    #expect(experiment.figures.map(\.name).prefix(2) == ["x", "x_effective_rank_from_start"])
    #expect(
      experiment.figures.map { $0.lines.isEmpty } == [false]
        + quantities.dropFirst().map { _ in true })
    let again = Experiment(of: experiment.plans, name: "x")
    #expect(again.figures == experiment.figures)
  }

  @Test(arguments: [
    ("measure: quantity", "one of rank"), ("measure:", "a table of keys"),
    ("measure: {tensors: [x*]}", "'x*' matches no weight of the model; its weights are l1.weight"),
  ])
  func `measure is a table or names`(measure: String, expected: String) {
    let text = "name: x\nruns: [{init: ZerO, width: 8}]\n" + measure
    #expect {
      try Experiment(yaml: text, path: "x")
    } throws: { error in
      "\(error)".contains(expected)
    }
  }
}
