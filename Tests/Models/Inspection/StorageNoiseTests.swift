// The storage noise against real rounding errors.

import Checkpoints
import Foundation
import Initializers
import Inspection
import LinearAlgebra
import Parallelism
import Randomness
import Spectra
import TestSupport
import Testing

@Suite struct StorageNoiseTests {
  private static let dimension = 64

  /// Normally distributed numbers, and their bytes after rounding to the type.
  private func made(_ format: FloatFormat, deviation: Float, seed: UInt64) throws
    -> (values: ContiguousArray<Float>, bytes: [UInt8])
  {
    var streams = RandomStreams(seed: seed)
    let shape = WeightShape(outputs: Self.dimension, inputs: Self.dimension)
    let scale = deviation * (Float(Self.dimension) / 2).squareRoot()
    let values = ContiguousArray(
      try TorchDistribution(.kaiming, .normal).weight(shape, using: &streams).elements
        .map { $0 * scale })
    let bytes = format.rounded(values).flatMap { value -> [UInt8] in
      let bits = value.bitPattern
      switch format {
      case .bfloat16: return [UInt8(bits >> 16 & 0xff), UInt8(bits >> 24)]
      case .float32: return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
      default: return [Self.eighth(value)]
      }
    }
    return (values, bytes)
  }

  /// The bits of a number in F8_E4M3; subnormal numbers are multiples of 2^-9.
  private static func eighth(_ value: Float) -> UInt8 {
    let (sign, magnitude): (UInt8, Float) = (value.sign == .minus ? 0x80 : 0, abs(value))
    guard magnitude >= 0x1p-6 else { return sign | UInt8(magnitude * 0x1p9) }
    let fraction = UInt8((magnitude.significand - 1) * 8)
    return sign | UInt8(Int(magnitude.exponent) + 7) << 3 | fraction
  }

  private func write(_ bytes: [UInt8], _ format: FloatFormat, to url: URL) throws {
    let shape = [Self.dimension, Self.dimension]
    let header =
      #"{"w":{"dtype":"\#(format.rawValue)","shape":\#(shape),"data_offsets":[0,\#(bytes.count)]}}"#
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
    try Data(length + Array(header.utf8) + bytes).write(to: url)
  }

  private func noise(_ url: URL, minus baseline: Baseline = .nothing) async throws -> Double {
    let inspection = try await CheckpointInspection(
      try TensorArchive(url.path), TensorSelection(), InspectionSettings(baseline: baseline),
      on: WorkerPool(threads: 2))
    return try #require(inspection.tensors[0].findings).storageNoise
  }

  private func norm(_ errors: [Float]) throws -> Double {
    let matrix = Matrix<Double>(
      rows: Self.dimension, columns: Self.dimension,
      elements: ContiguousArray(errors.map(Double.init)))
    return try #require(try matrix.singularValues(within: 1e-4).first)
  }

  private func errors(_ values: ContiguousArray<Float>, _ format: FloatFormat) -> [Float] {
    zip(format.rounded(values), values).map { $0 - $1 }
  }

  /// The norm of a random matrix with 64 columns is within 10 % of √m + √n times the deviation; the
  /// ulp of an element next to a power of two is up to twice the ulp on its other side.
  private let tolerance = 0.25

  @Test(arguments: [1, 0.02, 0.005, 0.001] as [Float])
  func `the noise of 8-bit floats matches rounding errors, down to subnormal numbers`(
    deviation: Float
  )
    async throws
  {
    let format = FloatFormat.float8E4M3
    let (values, bytes) = try made(format, deviation: deviation, seed: 3)
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("w.safetensors")
      try write(bytes, format, to: url)
      let truth = try norm(errors(values, format))
      let said = try await noise(url)
      #expect(abs(said / truth - 1) < tolerance, "\(said) of \(truth)")
    }
  }

  @Test(arguments: [FloatFormat.float32, .bfloat16])
  func `the noise of a difference includes both operands`(format: FloatFormat) async throws {
    let other = FloatFormat.bfloat16
    let (values, bytes) = try made(format, deviation: 1, seed: 3)
    let (otherValues, otherBytes) = try made(other, deviation: 4, seed: 4)
    try await withTemporaryFolder { folder in
      let (url, otherURL) = (
        folder.appendingPathComponent("w.safetensors"),
        folder.appendingPathComponent("o.safetensors")
      )
      try write(bytes, format, to: url)
      try write(otherBytes, other, to: otherURL)
      let truth = try norm(zip(errors(values, format), errors(otherValues, other)).map { $0 - $1 })
      let said = try await noise(url, minus: .archive(try TensorArchive(otherURL.path)))
      #expect(abs(said / truth - 1) < tolerance, "\(said) of \(truth)")
      // A generated initial weight has the same rounding errors as the stored one.
      let alone = try await noise(url)
      #expect(try await noise(url, minus: try Baseline("ZerO")) == alone)
    }
  }

  @Test func `zeros among normal numbers are exact`() async throws {
    let format = FloatFormat.float8E4M3
    let bytes = (0..<Self.dimension * Self.dimension).map { $0 % 65 == 0 ? UInt8(0x38) : 0 }
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("w.safetensors")
      try write(bytes, format, to: url)
      // 64 ones, 1/8 apart from the next number: √(64/64/12)/8 · 16/64.
      let expected = (64.0 / 12).squareRoot() / 8 * 16 / 64
      #expect(abs(try await noise(url) / expected - 1) < 1e-12)
    }
  }
}
