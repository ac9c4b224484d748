// Reference values computed by other programs. The generator of each file is beside it.

package import Foundation

/// The error for a missing golden file.
package struct MissingGolden: Error, CustomStringConvertible {
  /// The missing file and the command that generates it.
  package let description: String
}

/// Reads a golden file and converts its keys from snake case to camel case.
///
/// - Parameters:
///   - name: The name of the file without `.json`.
///   - type: The type of its contents.
/// - Returns: The contents.
/// - Throws: `MissingGolden`, or a decoding error.
package func golden<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws
  -> Value
{
  let folder = Bundle.module.bundleURL.appendingPathComponent("Golden")
  let url = folder.appendingPathComponent(name + ".json")
  guard let data = try? Data(contentsOf: url) else {
    throw MissingGolden(
      description: "\(name).json is missing; run generate_\(name).py in Tests/TestSupport/Golden")
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

  /// Two epochs of two data loaders with shuffling.
  package struct Batches: Decodable, Sendable {
    /// One epoch: first and last indices of each order, and the SHA-256 of the whole order as 32-bit integers.
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

  /// The column indices of OnE's rows beyond the identity.
  package struct OneColumns: Decodable, Sendable {
    package let seed: UInt64
    package let shape: [Int]
    package let cols: [Int]
  }

  /// The results of successive calls of `normal_(0.5, 2)`.
  package struct SmallNormals: Decodable, Sendable {
    package let seed: UInt64
    package let calls: [[Double]]
  }

  /// The normal numbers drawn after the default initialization of two layers.
  package struct DefaultLinear: Decodable, Sendable {
    package let seed: UInt64
    package let bias: Bool
    package let next: [Double]
  }

  /// The first 64-bit words of NumPy's generator, as text.
  package struct NumPyWords: Decodable, Sendable {
    package let seed: String
    package let words: [String]
  }

  /// The results of `uniform_` and then `random_`, whose 63-bit integers are stored as text.
  package struct Uniforms: Decodable, Sendable {
    package let seed: UInt64
    package let lower: Float
    package let upper: Float
    package let values: [Float]
    package let integers: [String]
  }

  /// A complete weight or convolution kernel of an initializer.
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

/// The contents of initial_weights.json: weights of dense layers and convolution kernels.
package struct InitialWeightsGolden: Decodable, Sendable {
  package let weights: [RandomStreamsGolden.InitialWeight]
  package let kernels: [RandomStreamsGolden.InitialWeight]
}

/// The contents of training_step.json: one update of a small network whose weights are given by formulas.
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

/// The contents of training_curves.json: one epoch of MNIST per initializer.
package struct TrainingCurvesGolden: Decodable, Sendable {
  /// One training run.
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

/// The contents of spectral_quantities.json: quantities of small matrices whose elements are given by a formula.
package struct SpectralQuantitiesGolden: Decodable, Sendable {
  /// The quantities of one matrix.
  package struct Spectrum: Decodable, Sendable {
    package let rows: Int
    package let columns: Int
    package let tolerance: Double
    package let rank: Double
    package let effectiveRank: Double
    package let stableRank: Double
    package let energyRank90: Double
    package let energyRank99: Double
    package let topShare: Double
    package let spectralNorm: Double
    package let frobeniusNorm: Double
  }

  /// The similarities of two matrices.
  package struct Pair: Decodable, Sendable {
    package let rows: Int
    package let columns: Int
    package let count: Int
    package let similarity: Double
    package let overlap: Double
  }

  /// The element (i, j) of a matrix with a seed.
  package static func element(_ i: Int, _ j: Int, seed: Int) -> Double {
    let irregular = (i * 7919 + j * 104_729 + i * j * 31 + seed * 613) % 1009
    return (Double(irregular) / 1009 - 0.5) / Double(i + 1)
  }

  package let spectra: [Spectrum]
  package let pairs: [Pair]
}

/// The contents of optimizers.json.
package struct OptimizersGolden: Decodable, Sendable {
  /// Parameters after each update, and the states after the last one.
  package struct Case: Decodable, Sendable, CustomStringConvertible {
    package let name: String
    package let values: [[Double]]
    package let states: [String: [Double]]

    package var description: String { name }
  }

  package let cases: [Case]
}

/// The contents of image_files.json.
package struct ImageFilesGolden: Decodable, Sendable {
  /// An image file, and the pixels that Pillow decodes, height × width × channels.
  package struct File: Decodable, Sendable {
    package let name: String
    package let bytes: Data
    package let size: [Int]
    package let channels: Int
    package let pixels: [UInt8]
  }

  /// An image file that must be refused.
  package struct Refused: Decodable, Sendable {
    package let name: String
    package let bytes: Data
  }

  /// A file of `numpy.savez`, and its training images, channel after channel.
  package struct Arrays: Decodable, Sendable {
    package let name: String
    package let bytes: Data
    package let pixels: [UInt8]
  }

  package let images: [File]
  package let refused: [Refused]
  package let arrays: [Arrays]
}
