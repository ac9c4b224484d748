// Values computed by other programs; each file's generator lies beside it.

import Foundation

/// A golden file that is missing.
package struct MissingGolden: Error, CustomStringConvertible {
  /// What is missing and how to make it.
  package let description: String
}

/// Reads a golden file, its keys turned from snake case into camel case.
///
/// - Parameters:
///   - name: Without `.json`.
///   - type: What it holds.
/// - Returns: Its contents.
/// - Throws: `MissingGolden`, or what decoding throws.
package func golden<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws
  -> Value
{
  let folder = Bundle.module.bundleURL.appendingPathComponent("Golden")
  let url = folder.appendingPathComponent(name + ".json")
  guard let data = try? Data(contentsOf: url) else {
    throw MissingGolden(
      description: "no \(name).json: run generate_\(name).py in Tests/TestSupport/Golden")
  }
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try decoder.decode(type, from: data)
}

/// The contents of random_streams.json.
package struct RandomStreamsGolden: Decodable, Sendable {
  /// `kaiming_normal_` of a shape after `torch.manual_seed`.
  package struct KaimingNormal: Decodable, Sendable {
    package let seed: UInt64
    package let shape: [Int]
    package let first: [Double]
    package let last: [Double]
    package let sum: Double
    package let sumsq: Double
  }

  /// Two epochs of two shuffling loaders.
  package struct Batches: Decodable, Sendable {
    /// One epoch: ends of the orders, and SHA-256 of the whole as 32-bit integers.
    package struct Epoch: Decodable, Sendable {
      package let trainFirst: [Int]
      package let trainLast: [Int]
      package let trainSha: String
      package let testFirst: [Int]
      package let testSha: String
    }

    package let seed: UInt64
    package let epochs: [Epoch]
  }

  /// The columns of OnE's further rows.
  package struct OneColumns: Decodable, Sendable {
    package let seed: UInt64
    package let shape: [Int]
    package let cols: [Int]
  }

  /// Calls of `normal_(0.5, 2)` one after another.
  package struct SmallNormals: Decodable, Sendable {
    package let seed: UInt64
    package let calls: [[Double]]
  }

  /// What follows two layers' default initialization.
  package struct DefaultLinear: Decodable, Sendable {
    package let seed: UInt64
    package let bias: Bool
    package let next: [Double]
  }

  /// The first raw words of NumPy's generator, as text.
  package struct NumPyWords: Decodable, Sendable {
    package let seed: String
    package let words: [String]
  }

  /// `uniform_`, then `random_`, as text since it has 63 bits.
  package struct Uniforms: Decodable, Sendable {
    package let seed: UInt64
    package let lower: Float
    package let upper: Float
    package let values: [Float]
    package let integers: [String]
  }

  /// A whole weight or kernel of an initializer.
  package struct InitialWeight: Decodable, Sendable {
    package let name: String
    package let seed: UInt64
    package let shape: [Int]
    package let values: [Double]
  }

  package let uniforms: [Uniforms]
  package let initialWeights: [InitialWeight]
  package let kaimingNormal: [KaimingNormal]
  package let batches: [Batches]
  package let oneColumns: [OneColumns]
  package let smallNormals: [SmallNormals]
  package let defaultLinear: [DefaultLinear]
  package let numpyWords: [NumPyWords]
}

/// The contents of initial_weights.json: weights of dense layers, and kernels of convolutions.
package struct InitialWeightsGolden: Decodable, Sendable {
  package let weights: [RandomStreamsGolden.InitialWeight]
  package let kernels: [RandomStreamsGolden.InitialWeight]
}

/// The contents of training_step.json: one step of a small network, made from formulas.
package struct TrainingStepGolden: Decodable, Sendable {
  package let sizes: [Int]
  package let samples: Int
  package let learningRate: Double
  package let loss: Double
  package let labels: [UInt8]
  package let logits: [Double]
  package let weights: [[Double]]
  package let biases: [[Double]]
}

/// The contents of training_curves.json: one epoch of MNIST for each initializer.
package struct TrainingCurvesGolden: Decodable, Sendable {
  /// One run.
  package struct Run: Decodable, Sendable {
    package let `init`: String
    package let width: Int
    package let modelSeed: UInt64
    package let dataSeed: UInt64
    package let iterations: [Int]
    package let loss: [Double]
    package let runningAccuracyPercent: [Double]
    package let rankL3WeightMinusIdentity: [Int]
    package let rankL3BiasMinusIdentity: [Int]
  }

  package let runs: [Run]
}
