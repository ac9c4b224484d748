import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks

@testable import ZerOTraining

@Suite struct TrainingPlanTests {
  private func plan(_ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = TrainingPlan(initializer: "ZerO", width: 8)
    change(&plan)
    return plan
  }

  @Test func `the defaults are the extended notebook's`() throws {
    try plan().validate()
    let plan = plan()
    #expect(plan.batchSize == 64 && plan.testBatchSize == 1000 && plan.epochs == 1)
    #expect(plan.learningRate == 0.1 && plan.gamma == 0.7 && plan.stepSize == 12)
    #expect(plan.bias == 0.01 && plan.seed == 1 && plan.measureEvery == 50)
  }

  @Test func `snapshots are spread over the updates, ends included`() {
    // 10 images by 4: three updates per epoch, six in all.
    func places(_ change: (inout TrainingPlan) -> Void) -> [Int] {
      plan {
        $0.batchSize = 4
        $0.epochs = 2
        change(&$0)
      }.snapshotUpdates(sampleCount: 10)
    }
    #expect(places { _ in } == [0, 3, 6])
    #expect(places { $0.snapshots = 0 } == [])
    #expect(places { $0.snapshots = 1 } == [6])
    #expect(places { $0.snapshots = 2 } == [0, 6])
    #expect(places { $0.snapshots = 4 } == [0, 2, 4, 6])
    #expect(places { $0.snapshots = 50 } == Array(0...6), "each once")
    #expect(places { $0.quantities = [] } == [], "nothing is measured")
  }

  @Test func `counts below one, or beyond any use, are refused by name`() {
    let fields: [(WritableKeyPath<TrainingPlan, Int>, String)] = [
      (\.width, "width"), (\.epochs, "epochs"), (\.batchSize, "batch_size"),
      (\.testBatchSize, "test_batch_size"), (\.stepSize, "step_size"),
      (\.measureEvery, "measure_every"),
    ]
    for (field, key) in fields {
      for value in [0, -3, .max] {
        #expect {
          try plan { $0[keyPath: field] = value }.validate()
        } throws: { error in
          guard case .outOfRange(key, value, _)? = error as? PlanError else { return false }
          return true
        }
      }
    }
  }

  @Test func `what does not fit the data is refused before anything is made`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      #expect(
        throws: PlanError.initialization(.sprayOfOneInput(WeightShape(outputs: 1, inputs: 1)))
      ) {
        try plan {
          $0.initializer = "Spray"
          $0.width = 1
          $0.batchSize = 9
        }.validate(for: data)
      }
    }
    try withTemporaryFolder { folder in
      // Images of 65 000 pixels: a first layer of 4.2 billion weights; together with l2's they are
      // too many.
      try writeSmallDataset(to: folder, train: 2, test: 2, size: [250, 260], classes: 2)
      let data = try Dataset(folder: folder, name: "large")
      #expect(throws: PlanError.tooManyParameters(inputDimension: 65_000, width: 60_000, depth: 1))
      {
        try plan {
          $0.width = 60_000
          $0.batchSize = 1
        }.validate(for: data)
      }
    }
  }

  @Test(arguments: [Double.nan, .infinity, -0.1])
  func `rates that are none are refused by name`(rate: Double) {
    for (field, key) in [(\TrainingPlan.learningRate, "learning_rate"), (\.gamma, "gamma")] {
      #expect {
        try plan { $0[keyPath: field] = rate }.validate()
      } throws: { error in
        if case .notARate(key, _)? = error as? PlanError { true } else { false }
      }
    }
    #expect(throws: PlanError.self) { try plan { $0.bias = .nan }.validate() }
    #expect(throws: Never.self) { try plan { $0.bias = -0.1 }.validate() }
  }

  @Test func `unknown initializers and batches larger than the data are refused`() throws {
    #expect(
      throws: PlanError.initialization(
        .unknownName("Zero", known: InitializerCatalog.builtIn.names))
    ) {
      try plan { $0.initializer = "Zero" }.validate()
    }
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      #expect(throws: PlanError.batchLargerThanData(batchSize: 97, count: 96)) {
        try plan { $0.batchSize = 97 }.validate(for: data)
      }
      try plan { $0.batchSize = 96 }.validate(for: data)
    }
  }

  @Test func `a run's name contains the values that are not defaults, and nothing else`() {
    #expect(plan().identifier == "ZerO-w8-m0-s1")
    let unusual = plan {
      $0.modelSeed = 4
      $0.epochs = 20
      $0.bias = nil
      $0.learningRate = 0.05
      $0.data = "../other data"
    }
    #expect(unusual.identifier == "ZerO-w8-m4-s1-e20-lr0.05-nobias-on-___other_data")
  }

  @Test func `names of records keep the words of version 0.1`() {
    let reduced = plan { $0.symmetry = .reduced }
    #expect(reduced.identifier == "ZerO-w8-m0-s1-reduced")
    #expect(reduced.recordIdentifier == "ZerO-w8-m0-s1-exact")
    #expect(plan().recordIdentifier == plan().identifier)
  }

  @Test func `every property is described by one setting`() {
    #expect(Mirror(reflecting: plan()).children.count == TrainingPlan.settings.count)
    #expect(Set(TrainingPlan.settings).count == TrainingPlan.settings.count)
    let names = TrainingPlan.settings.map(\.optionName)
    #expect(Set(names).count == names.count)
    let marks = TrainingPlan.settings.compactMap(\.mark).filter { !$0.isEmpty }
    #expect(Set(marks).count == marks.count)
    for setting in TrainingPlan.settings {
      #expect(!setting.help.isEmpty && setting.help.hasSuffix("."))
      #expect(setting.help.allSatisfy { $0.isASCII }, "the manual page needs ASCII")
    }
  }

  /// A valid text that is not the default, by key.
  private static let others = [
    "data": "fashion-mnist", "init": "OnE", "width": "9", "depth": "2", "model_seed": "5",
    "seed": "6", "epochs": "7", "batch_size": "8", "test_batch_size": "11",
    "learning_rate": "0.25", "gamma": "0.5", "step_size": "3", "bias": "none",
    "symmetry": "reduced", "measure_every": "4", "quantities": "rank copy_distance",
    "snapshots": "2", "init_rules": "l3.weight=Zeros *=OnE", "model": "cnn",
    "activation": "gelu_tanh",
    "norm": "rms", "residual": "true", "optimizer": "adamw", "momentum": "0.9", "nesterov": "true",
    "weight_decay": "0.1", "clip": "1.0", "schedule": "cosine", "warmup": "10",
    "classes": "3 5", "train_images": "20", "test_images": "10", "normalize": "true",
    "augment": "crop flip", "blocks": "1 2 1 1", "widths": "8 16 16 8",
    "label_smoothing": "0.1", "tensors": "l2.weight l?.weight",
  ]

  @Test(arguments: TrainingPlan.settings)
  func `a setting is read, named, compared and written through its entry`(
    setting: TrainingPlan.Setting
  ) throws {
    let text = try #require(Self.others[setting.key], "give it a value here")
    let value = try #require(setting.value(of: text))
    var changed = plan()
    #expect(changed[setting] != value)
    changed.set(setting, to: value)
    // Nesterov's rule needs a momentum, and a residual block has two layers.
    var valid = changed
    if setting.key == "nesterov" { valid.momentum = 0.9 }
    if setting.key == "residual" { valid.depth = 2 }
    if ["blocks", "widths"].contains(setting.key) { valid.model = "resnet" }
    try valid.validate()
    #expect(changed[setting] == value && changed.text(of: setting.key) == text)
    #expect(changed.firstDifference(from: plan()) == setting.key)
    #expect((changed.identifier != plan().identifier) == setting.namesRun)
    #expect(
      (changed.settingIdentifier == plan().settingIdentifier)
        != (setting.namesRun && !setting.isSeed))
    let data = try JSONEncoder().encode(changed)
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: data) == changed)
    #expect(TrainingPlan.setting(setting.key) == setting)
    if setting.type != "text" && !setting.isList { #expect(setting.value(of: "many") == nil) }
  }

  @Test func `plan.json has the keys and values of version 0.1`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(
      decoding: try encoder.encode(plan { $0.symmetry = .reduced }), as: UTF8.self)
    #expect(
      text == """
        {"activation":"relu","augment":[],"batch_size":64,"bias":0.01,"blocks":[],"classes":[],"data":"mnist","depth":1,"epochs":1,"gamma":0.7,\
        "init":"ZerO","init_rules":[],"label_smoothing":0,"learning_rate":0.1,"measure_every":50,"model":"mlp",\
        "model_seed":0,"momentum":0,"nesterov":false,"norm":"none","normalize":false,"optimizer":"sgd",\
        "quantities":["rank","rank_from_start"],"residual":false,"schedule":"step","seed":1,"snapshots":3,\
        "step_size":12,"tensors":[],"test_batch_size":1000,"test_images":0,"ties":"exact","train_images":0,"warmup":0,\
        "weight_decay":0,"width":8,"widths":[]}
        """)
    // The keys of version 0.1.
    let first = """
      {"batch_size":64,"bias":0.01,"data":"mnist","depth":1,"epochs":1,"gamma":0.7,"init":"ZerO",\
      "learning_rate":0.1,"measure_every":50,"model_seed":0,"quantities":["rank","rank_from_start"],\
      "seed":1,"snapshots":3,"step_size":12,"test_batch_size":1000,"ties":"exact","width":8}
      """
    #expect(
      try JSONDecoder().decode(TrainingPlan.self, from: Data(first.utf8))
        == plan { $0.symmetry = .reduced })
    func read(_ text: String) throws -> TrainingPlan {
      try JSONDecoder().decode(TrainingPlan.self, from: Data(text.utf8))
    }
    #expect(try read(text).symmetry == .reduced)
    #expect(
      try read(text.replacing(#""ties":"exact""#, with: #""symmetry":"reduced""#)) == read(text))
    // Settings that came later may be missing, the first ones not.
    let early = first.replacing(#","ties":"exact""#, with: "").replacing(#""depth":1,"#, with: "")
      .replacing(#""snapshots":3,"#, with: "")
    #expect(try read(early) == plan())
    #expect(try read(text.replacing(#""bias":0.01,"#, with: "")).bias == nil)
    for (key, value) in [
      (#""epochs":1,"#, ""), (#""epochs":1"#, #""epochs":"1""#), ("exact", "loose"),
    ] {
      #expect(throws: DecodingError.self) { try read(text.replacing(key, with: value)) }
    }
  }

  @Test func `a plan survives its file`() throws {
    for bias in [nil, 0.01] {
      let plan = plan {
        $0.bias = bias
        $0.modelSeed = .max
      }
      let data = try JSONEncoder().encode(plan)
      #expect(try JSONDecoder().decode(TrainingPlan.self, from: data) == plan)
      #expect(String(decoding: data, as: UTF8.self).contains("\"init\":\"ZerO\""))
    }
  }

  @Test func `a batch of one image is refused only where a channel has one value`() throws {
    for (size, isRefused) in [([4, 4], false), ([3, 3], false), ([2, 2], true)] {
      try withTemporaryFolder { folder in
        // In a network of two stages the images of the second are half as large.
        try writeSmallDataset(to: folder, train: 21, test: 2, size: size, classes: 2)
        let data = try Dataset(folder: folder, name: "small")
        for batchSize in [1, 20] {
          var plan = plan {
            ($0.model, $0.blocks, $0.batchSize) = ("resnet", ["1", "1"], batchSize)
          }
          plan.norm = .batch
          if isRefused {
            let error = #expect(throws: PlanError.self) { try plan.validate(for: data) }
            #expect(
              error?.description.contains("in a batch of 1 image layer2.0.bn1 has 1 value") == true)
          } else {
            try plan.validate(for: data)
          }
          plan.norm = .layer
          try plan.validate(for: data)
          (plan.norm, plan.batchSize) = (.batch, 7)
          try plan.validate(for: data)
        }
      }
    }
  }

  @Test func `the measured updates are those of the interval, of each epoch's start and the last`()
  {
    let plan = plan { ($0.batchSize, $0.epochs, $0.measureEvery) = (10, 2, 3) }
    let measured = Array(plan.measuredUpdates(sampleCount: 50))
    #expect(measured == [1, 4, 6, 9, 10])
    #expect((-1...12).filter { plan.measures(update: $0, sampleCount: 50) } == measured)
  }

  @Test func `a list contains nothing twice, but for blocks and widths`() throws {
    let lists: [(WritableKeyPath<TrainingPlan, [String]>, [String], String)] = [
      (\.classes, ["0", "1", "0"], "classes: '0'"),
      (\.augment, ["crop", "crop"], "augment: 'crop'"),
      (\.quantities, ["rank", "rank"], "quantities: 'rank'"),
      (\.tensors, ["l3.weight", "l3.weight"], "tensors: 'l3.weight'"),
      (\.initRules, ["l3.weight=Zeros", "l3.weight=ZerO"], "init_rules: 'l3.weight'"),
    ]
    for (path, names, text) in lists {
      let error = #expect(throws: PlanError.self) {
        try plan { $0[keyPath: path] = names }.validate()
      }
      #expect(error?.description == "\(text) is listed twice; remove one")
    }
    // The rule with the more specific pattern counts.
    try plan { $0.initRules = ["l3.weight=Zeros", "*=ZerO"] }.validate()
    try plan { ($0.model, $0.blocks, $0.widths) = ("resnet", ["1", "1"], ["8", "8"]) }.validate()
  }

  @Test func `the ends of branches of a perturbed ZerO are small, those of ZerO zero`() throws {
    func largest(_ initializer: String, _ weight: String) throws -> Float {
      var plan = TrainingPlan(initializer: initializer, width: 8)
      (plan.model, plan.blocks, plan.widths, plan.norm) = ("resnet", ["1"], ["8"], .batch)
      let start: InitialNetwork<Float> = try plan.start(
        input: ValueShape(units: 1, height: 6, width: 6), classCount: 3)
      return try #require(start.network[weight]).elements.map(\.magnitude).max() ?? 0
    }
    #expect(try largest("ZerO", "layer1.0.conv2.weight") == 0)
    #expect(try (1e-8..<1e-5).contains(largest("ZerO+1e-6", "layer1.0.conv2.weight")))
    #expect(try (0.9..<1.1).contains(largest("ZerO+1e-6", "layer1.0.conv1.weight")))
  }
}
