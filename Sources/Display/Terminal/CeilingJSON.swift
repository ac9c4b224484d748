// The ceilings of a network for programs.

import Foundation
public import ZerOExecution
import ZerONetworks
import ZerOSymmetry
import ZerOTraining

extension CeilingSurvey {
  /// One JSON object: the settings of the network, one object per layer, and the trial if there is one.
  ///
  /// - Returns: UTF-8 text, keys sorted, indented.
  /// - Throws: `EncodingError` for a number that is not finite.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(Document(self)), as: UTF8.self)
  }

  private struct Document: Encodable {
    let initializer: String?
    let file: String?
    let width: Int
    let depth: Int
    let bias: Double?
    let modelSeed: UInt64
    let inputDimension: Int?
    let liveInputs: Int?
    let classCount: Int
    let layers: [Layer]
    let model: String
    let norm: String
    let activation: String
    let limits: CeilingSurvey.Limits?
    let lift: CeilingSurvey.Lift?
    let trial: CeilingTrial?

    enum CodingKeys: String, CodingKey {
      case initializer = "init"
      case file, width, depth, bias
      case modelSeed = "model_seed"
      case inputDimension = "input_dimension"
      case liveInputs = "live_inputs"
      case classCount = "classes"
      case layers, model, norm, activation, limits, lift, trial
    }

    init(_ survey: CeilingSurvey) {
      initializer = survey.file == nil ? survey.plan.initializer : nil
      file = survey.file
      width = survey.plan.width
      depth = survey.plan.depth
      bias = survey.plan.bias
      modelSeed = survey.plan.modelSeed
      inputDimension = survey.hasInputSize ? survey.inputDimension : nil
      liveInputs = survey.hasInputSize ? survey.nonzeroInputCount : nil
      classCount = survey.classCount
      layers = survey.layers.map { Layer($0) }
      model = survey.plan.model
      norm = survey.plan.norm.rawValue
      activation = survey.plan.activation.rawValue
      limits = survey.limits
      lift = survey.lift
      trial = survey.trial
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(initializer, forKey: .initializer)  // null for the weights of a file
      try container.encodeIfPresent(file, forKey: .file)
      try container.encode(width, forKey: .width)
      try container.encode(depth, forKey: .depth)
      if file == nil {
        try container.encode(bias, forKey: .bias)  // null for a network without biases
        try container.encode(modelSeed, forKey: .modelSeed)
      }
      // null where neither data nor the file tells the size of an image
      try container.encode(inputDimension, forKey: .inputDimension)
      try container.encode(liveInputs, forKey: .liveInputs)
      try container.encode(classCount, forKey: .classCount)
      try container.encode(layers, forKey: .layers)
      try container.encode(model, forKey: .model)
      try container.encode(norm, forKey: .norm)
      try container.encode(activation, forKey: .activation)
      try container.encodeIfPresent(limits, forKey: .limits)
      try container.encodeIfPresent(lift, forKey: .lift)
      try container.encodeIfPresent(trial, forKey: .trial)
    }
  }

  private struct Layer: Encodable {
    let layer: String
    let shape: [Int]
    let taps: Int
    let classes: [LayerCeiling.Classes]
    let dead: Int
    let ceiling: Int
    let reason: String

    init(_ found: LayerCeiling) {
      layer = found.layer
      shape = [found.outputs.unitCount, found.inputs.unitCount]
      taps = found.taps
      classes = found.outputs.classes
      dead = found.outputs.deadCount
      ceiling = found.ceiling
      reason = found.explanation
    }
  }
}
