// Ceiling listings on screens of several widths.

import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOExecution
import ZerONetworks
import ZerOSymmetry
import ZerOTraining

@testable import ZerOTerminal

@Suite struct CeilingListingTests {
  @Test func `tables fit the screen and name dropped columns`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      var plan = TrainingPlan(initializer: "ZerO", width: 20)
      plan.batchSize = 12
      var survey = try CeilingSurvey(of: plan, on: data)
      survey.trial = try CeilingTrial(of: plan, on: data, updates: 2)
      func text(_ columns: Int) -> String {
        CeilingListing(survey).text(within: columns) { $0 }
      }
      func tableLines(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.hasPrefix("l") && !$0.contains(": ") }
      }
      #expect(!text(90).contains("not shown"))
      #expect(text(90).contains("first below"))
      for columns in [80, 60, 40] {
        let narrow = text(columns)
        #expect(tableLines(narrow).allSatisfy { $0.count <= columns }, "\(narrow)")
        #expect(tableLines(narrow).count == tableLines(text(90)).count)
        #expect(narrow.contains("not shown: first below"))
        #expect(narrow.contains("verdict") && narrow.contains("ceiling"))
      }
    }
  }

  /// The explanations of every layer of a network with 12 inputs and 3 classes.
  private func explanations(_ initializer: String, width: Int, bias: Double? = 0.01) throws
    -> [String]
  {
    var plan = TrainingPlan(initializer: initializer, width: width)
    plan.bias = bias
    plan.modelSeed = 3
    let survey = try CeilingSurvey(of: plan, input: ValueShape(units: 12), classCount: 3)
    return survey.layers.map(\.explanation)
  }

  @Test func `identical units explain a ceiling`() throws {
    let explanations = try explanations("ZerO", width: 32)
    #expect(
      explanations[2]
        == "The 32 units of l2 form 19 classes: 13 of 2 units, 6 of 1; the units of l3 likewise. "
        + "The units of a class have the same weights, in some order, from each class below and to each "
        + "class above. In exact arithmetic training keeps them identical, so W - W0 is constant on "
        + "each block of two classes.")
    #expect(explanations[3].contains("6 of 1. The 3 logits are all different. The units"))
  }

  @Test func `dead units explain a ceiling`() throws {
    #expect(
      try explanations("Partial_Identity", width: 20, bias: nil)[2]
        == "Of the 20 units of l2, 8 are dead and the others are all different; the units of l3 "
        + "likewise. A dead unit is 0 for every input and has no gradient, so its row or column never "
        + "changes.")
    #expect(
      try explanations("Zeros", width: 20, bias: nil)[2]
        .hasPrefix("The 20 units of l2 are all dead; the units of l3 likewise."))
  }

  @Test func `without identical units the shape explains the ceiling`() throws {
    #expect(
      try explanations("Random", width: 20)[2]
        == "No two units at either end are identical: only the shape of the weight bounds the rank."
    )
  }

  @Test(arguments: [
    (
      "ZerO",
      "The number of labels limits the classes. The outputs of all layers but the last form ", true
    ),
    (
      "ConstAvg",
      "Neither twice as many labels nor twice as many channels of the images would add to the classes. ",
      true
    ),
    ("Orthogonal", "All channels are different, so only the shapes", false),
  ])
  func `the listing of a residual network says what limits the classes`(
    initializer: String, sentence: String, hasLimits: Bool
  ) throws {
    var plan = TrainingPlan(initializer: initializer, width: 4)
    plan.model = "resnet"
    (plan.blocks, plan.widths, plan.norm) = (["1", "1"], ["4", "8"], .batch)
    let input = ValueShape(units: 1, height: 8, width: 8)
    let survey = try CeilingSurvey(of: plan, input: input, classCount: 2)
    #expect(CeilingListing(survey).text(within: 100) { $0 }.contains(sentence))
    let limits = survey.limits
    #expect((limits != nil) == hasLimits)
    // The same numbers, from networks with twice as many labels and channels.
    func classes(_ channels: Int, _ labels: Int) throws -> Int {
      try CeilingSurvey(
        of: plan, input: ValueShape(units: channels, height: 8, width: 8), classCount: labels
      ).layers.dropLast().reduce(0) { $0 + $1.outputs.classCount }
    }
    guard let limits else { return }
    #expect(limits.classes == (try classes(1, 2)))
    #expect(limits.withTwiceTheLabels == (try classes(1, 4)))
    #expect(limits.withTwiceTheChannels == (try classes(2, 2)))
  }

  @Test func `a perceptron that reads images, and dead channels, have sentences of their own`()
    throws
  {
    let input = ValueShape(units: 1, height: 6, width: 6)
    let perceptron = try CeilingSurvey(
      of: TrainingPlan(initializer: "ZerO", width: 80), input: input, classCount: 3)
    #expect(perceptron.limits == nil && perceptron.lift != nil)
    var plan = TrainingPlan(initializer: "Orthogonal", width: 4)
    plan.model = "resnet"
    (plan.blocks, plan.widths, plan.norm, plan.bias) = (["1", "1"], ["4", "8"], .none, nil)
    plan.initRules = ["*.conv1.weight=Zeros"]
    let survey = try CeilingSurvey(of: plan, input: input, classCount: 2)
    #expect(
      CeilingListing(survey).text(within: 100) { $0 }.contains(
        "All channels but the dead ones are different."))
  }

  @Test func `JSON has every layer, and null for a network without biases`() throws {
    var plan = TrainingPlan(initializer: "ZerO", width: 4)
    plan.bias = nil
    let survey = try CeilingSurvey(of: plan, input: ValueShape(units: 2), classCount: 2)
    let json = try JSONSerialization.jsonObject(with: Data(survey.json().utf8))
    let object = try #require(json as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "activation", "bias", "classes", "depth", "init", "input_dimension", "layers",
        "live_inputs", "model", "model_seed", "norm", "width",
      ])
    #expect(object["bias"] is NSNull)
    let layers = try #require(object["layers"] as? [[String: Any]])
    #expect(layers.map { $0["layer"] as? String } == ["l1", "l2", "l3", "l4"])
    #expect(layers.map { $0["shape"] as? [Int] } == [[2, 2], [4, 2], [4, 4], [2, 4]])
    #expect(
      layers.allSatisfy {
        $0.keys.sorted() == ["ceiling", "classes", "dead", "layer", "reason", "shape", "taps"]
      })
  }
}
