// Values computed by other programs; each file's generator lies beside it.

import Foundation

/// A golden file that is missing.
public struct MissingGolden: Error, CustomStringConvertible {
  /// What is missing and how to make it.
  public let description: String
}

/// Reads a golden file.
///
/// - Parameter name: Without `.json`.
public func golden<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws
  -> Value
{
  let folder = Bundle.module.bundleURL.appendingPathComponent("Golden")
  let url = folder.appendingPathComponent(name + ".json")
  guard let data = try? Data(contentsOf: url) else {
    throw MissingGolden(
      description: "no \(name).json: run generate_\(name).py in Tests/TestSupport/Golden")
  }
  return try JSONDecoder().decode(type, from: data)
}

/// The contents of random_streams.json.
public struct RandomStreamsGolden: Decodable, Sendable {
  /// `kaiming_normal_` of a shape after `torch.manual_seed`.
  public struct KaimingNormal: Decodable, Sendable {
    public let seed: UInt64
    public let shape: [Int]
    public let first: [Double]
    public let last: [Double]
    public let sum: Double
    public let sumsq: Double
  }

  /// Two epochs of two shuffling loaders.
  public struct Batches: Decodable, Sendable {
    /// One epoch: ends of the orders, and SHA-256 of the whole as 32-bit integers.
    public struct Epoch: Decodable, Sendable {
      public let train_first: [Int]
      public let train_last: [Int]
      public let train_sha: String
      public let test_first: [Int]
      public let test_sha: String
    }

    public let seed: UInt64
    public let epochs: [Epoch]
  }

  /// The columns of OnE's further rows.
  public struct OneColumns: Decodable, Sendable {
    public let seed: UInt64
    public let shape: [Int]
    public let cols: [Int]
  }

  /// Calls of `normal_(0.5, 2)` one after another.
  public struct SmallNormals: Decodable, Sendable {
    public let seed: UInt64
    public let calls: [[Double]]
  }

  /// What follows two layers' default initialisation.
  public struct DefaultLinear: Decodable, Sendable {
    public let seed: UInt64
    public let bias: Bool
    public let next: [Double]
  }

  /// The first raw words of NumPy's generator, as text.
  public struct NumPyWords: Decodable, Sendable {
    public let seed: String
    public let words: [String]
  }

  public let kaiming_normal: [KaimingNormal]
  public let batches: [Batches]
  public let one_columns: [OneColumns]
  public let small_normals: [SmallNormals]
  public let default_linear: [DefaultLinear]
  public let numpy_words: [NumPyWords]
}
