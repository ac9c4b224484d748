// zerolab ceiling: upper bounds on the rank of W - W0, before any training.

import ArgumentParser
import Foundation
import ZerOCheckpoints
import ZerODatasets
import ZerOExecution
import ZerONetworks
import ZerOParallelism
import ZerOTerminal
import ZerOTraining

struct CeilingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ceiling",
    abstract: "Compute and explain an upper bound on the rank of W - W0 during training.",
    discussion: """
      Hidden units with identical initial weights stay identical, in exact arithmetic, so the number of distinct \
      units bounds the rank. A lower bound than the printed one may exist.
      With --data or --verify, inputs that are 0 in all training images don't count: 67 of MNIST's 784 pixels. This \
      lowers bounds: for ZerO with n_h = 256, from 256 without data to 224 on MNIST.
      """)

  @Argument(
    help:
      "Initial weights, instead of --init: a .safetensors file, a file of PyTorch, or a folder.",
    completion: .models)
  var file: String?

  @OptionGroup var network: NetworkOptions<StoredNetworkSettings>

  @Option(help: "Key of the model in a file of PyTorch, with dots between nested keys.")
  var key: String?

  @OptionGroup(title: "Updates of --verify") var updates: SettingOptions<UpdateSettings>

  @Option(
    parsing: .unconditional,
    help:
      "Number of inputs; by default 784 per channel, or 50176 per channel for models of large images."
  )
  var inputs: Int?

  @Option(
    parsing: .unconditional,
    help: "Number of channels of square images, which convolutional networks read; 1 by default.")
  var channels: Int?

  @Option(
    parsing: .unconditionalSingleValue,
    help: "Number of classes; 10 by default, with data all or the first ones.")
  var classes: [Int] = []

  @Option(
    help:
      "Data set, a name, folder or .npz file; pixels that are 0 in all training images are ignored.",
    completion: .names(DatasetSource.catalog.map(\.name), orFiles: ["npz"]))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: """
      Train for this many updates in double precision, on MNIST or --data, and compare the ranks with the bounds.
      """)
  var verify: Int?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var jobs: JobOptions

  func validate() throws {
    let limits = [
      ("--inputs", inputs, 1...1 << 24), ("--classes", classes.first, 1...65_536),
      ("--channels", channels, 1...1024),
      ("--verify", verify, 1...1_000_000),
    ]
    for (name, value, allowed) in limits {
      guard let value, !allowed.contains(value) else { continue }
      throw ValidationError(
        "\(name) is \(value); it must be \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    if classes.count > 1 {
      throw ValidationError(
        "--classes is given \(classes.count) times, but is the number of classes here; give it once"
      )
    }
    try checkSource()
    let given = UpdateSettings.settings.first { updates.contains($0.key) }
    if verify == nil, let given {
      throw ValidationError(
        "\(given.option) is for the updates of --verify; add --verify and their number")
    }
    if inputs != nil || channels != nil, data != nil || verify != nil {
      throw ValidationError(
        "--inputs and --channels describe a network without data; omit them, or omit --data and --verify"
      )
    }
  }

  /// Checks that the initial weights are given once.
  private func checkSource() throws {
    guard file != nil else {
      if !network.settings.contains("init") {
        throw ValidationError("give --init, or a file with initial weights")
      }
      if key != nil { throw ValidationError("--key is for a file with initial weights; give one") }
      return
    }
    for key in ["init", "init_rules", "model_seed"] where network.settings.contains(key) {
      throw ValidationError(
        "a file contains all initial weights; omit --\(key.replacing("_", with: "-").replacing("rules", with: "rule"))"
      )
    }
    var plan = TrainingPlan(initializer: "", width: 0)
    network.settings.apply(to: &plan)
    if network.settings.contains("bias"), plan.bias != nil {
      throw ValidationError(
        "a file contains the values of all biases; omit --bias, or give --no-bias for a model without them"
      )
    }
    if verify != nil {
      throw ValidationError(
        "--verify trains from the weights of an initializer; give --init instead of the file")
    }
    let stated = [
      ("--inputs", inputs), ("--channels", channels), ("--classes", classes.first),
    ].first { $0.1 != nil }
    if let stated {
      throw ValidationError("a file tells inputs, channels and classes; omit \(stated.0)")
    }
  }

  func run() async throws {
    if let file { return try await show(survey(ofFile: file)) }
    var plan = try network.plan()
    if let data { plan.data = data }
    updates.apply(to: &plan)
    plan.useDefaults(unless: updates.givenKeys.union(network.settings.givenKeys))
    guard plan.hasStartFactor else {
      throw ValidationError(
        "weight decay inside the gradient of adam has no ceiling, because it gives each weight a factor of its own; use "
          + "--optimizer adamw, or no --weight-decay")
    }
    let survey = try await survey(plan)
    try network.reportSeed(of: plan)
    try show(survey)
  }

  private func show(_ survey: CeilingSurvey) throws {
    if json {
      print(try survey.json())
    } else {
      let screen = ResultsScreen()
      print(
        CeilingListing(survey).text(within: screen.columns, screen.text), terminator: "")
    }
    if let trial = survey.trial, trial.isExceeded {
      let exceeded = trial.layers.filter(\.isExceeded)
      let worst = exceeded.max { ($0.copyDistance ?? 0) < ($1.copyDistance ?? 0) }
      let parting = worst.flatMap { layer in
        layer.copyDistance.map {
          "; units of \(layer.tensor) that exact arithmetic keeps identical differ by up to "
            + String(format: "%.1e", $0)
        }
      }
      standardError("zerolab: a measured rank exceeds its ceiling\(parting ?? "")\n")
      throw ExitCode(Failure.Code.failed.rawValue)
    }
  }

  /// The size of an input: a square image, if the numbers are those of one.
  ///
  /// - Parameter plan: Names the model, which determines the size where no option does.
  /// - Returns: The size.
  /// - Throws: `ValidationError` for a convolutional network that would read no square image.
  private func input(of plan: TrainingPlan) throws -> ValueShape {
    let side = ModelFamily.named(plan.model)?.imageSide ?? 28
    let channels = channels ?? 1
    let inputs = inputs ?? side * side * channels
    let root = Int(Double(inputs / channels).squareRoot().rounded())
    if root * root * channels == inputs {
      return ValueShape(units: channels, height: root, width: root)
    }
    guard plan.model == "mlp" else {
      throw ValidationError(
        "\(inputs) inputs are no square image of \(channels) \(channels == 1 ? "channel" : "channels"), which model \(plan.model) reads; use for example "
          + "--inputs \(max(1, root) * max(1, root) * channels)\(channels == 1 ? ", or --channels 3" : "")"
      )
    }
    return ValueShape(units: inputs)
  }

  /// The ceilings of the weights in a file.
  private func survey(ofFile file: String) async throws -> CeilingSurvey {
    let archive = try TensorArchive(file, key: key)
    var plan = TrainingPlan(initializer: "ZerO", width: 0)
    let given = network.settings.givenKeys
    network.settings.apply(to: &plan)
    plan.useModel(of: archive, unless: given)
    if let data { plan.data = data }
    try plan.validate()
    let dataset = data == nil ? nil : try plan.selection(of: Dataset.load(plan.data))
    return try await jobs.pool.run { [plan] team in
      try CeilingSurvey(of: plan, weights: archive, on: dataset, team: team)
    }
  }

  private func survey(_ plan: TrainingPlan) async throws -> CeilingSurvey {
    guard data != nil || verify != nil else {
      return try await jobs.pool.run { [input = try input(of: plan), classes] team in
        try CeilingSurvey(of: plan, input: input, classCount: classes.first ?? 10, team: team)
      }
    }
    var plan = plan
    if let count = classes.first { plan.classes = (0..<count).map(String.init) }
    let dataset = try plan.selection(of: Dataset.load(plan.data))
    if let verify { plan = plan.lasting(updates: verify, sampleCount: dataset.train.count) }
    return try await jobs.pool.run { [plan, verify] team in
      var survey = try CeilingSurvey(of: plan, on: dataset, team: team)
      if let verify {
        survey.trial = try CeilingTrial(of: plan, on: dataset, updates: verify, team: team)
      }
      return survey
    }
  }
}
