// The storage noise against real rounding errors.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers
import ZerOInspection
import ZerOLinearAlgebra
import ZerOParallelism
import ZerORandomness
import ZerOSpectra

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

  /// Writes a matrix as BF16, before and after a change of rank 4, and inspects the difference by each rule.
  private func change(_ size: Float, rows: [Float], rules: [ToleranceRule]) async throws
    -> [MatrixFindings]
  {
    let (start, _) = try made(.bfloat16, deviation: 0.02, seed: 3)
    let (left, _) = try made(.bfloat16, deviation: size, seed: 4)
    let (right, _) = try made(.bfloat16, deviation: 1, seed: 5)
    let n = Self.dimension
    let changed = ContiguousArray(
      (0..<n * n).map { index in
        let (i, j) = (index / n, index % n)
        return start[index]
          + (0..<4).reduce(Float(0)) { $0 + rows[i] * left[i * n + $1] * right[j * n + $1] }
      })
    func bytes(_ values: ContiguousArray<Float>) -> [UInt8] {
      FloatFormat.bfloat16.rounded(values).flatMap {
        [UInt8($0.bitPattern >> 16 & 0xff), UInt8($0.bitPattern >> 24)]
      }
    }
    var all: [MatrixFindings] = []
    try await withTemporaryFolder { folder in
      let (url, other) = (
        folder.appendingPathComponent("w.safetensors"),
        folder.appendingPathComponent("o.safetensors")
      )
      try write(bytes(changed), .bfloat16, to: url)
      try write(bytes(start), .bfloat16, to: other)
      for rule in rules {
        let inspection = try await CheckpointInspection(
          try TensorArchive(url.path), TensorSelection(),
          InspectionSettings(rule: rule, baseline: .archive(try TensorArchive(other.path))),
          on: WorkerPool(threads: 2))
        all.append(try #require(inspection.tensors[0].findings))
      }
    }
    return all
  }

  private let equalRows = [Float](repeating: 1, count: dimension)

  @Test(arguments: [0.005, 0.02, 0.1] as [Float])
  func `a change of rank 4 stored as BF16 has rank 4 above the noise`(size: Float) async throws {
    let findings = try await change(size, rows: equalRows, rules: [.numPy, .noise])
    // With NumPy's tolerance, rounding counts too.
    #expect(findings[0].rank.rank > 3 * Self.dimension / 4)
    #expect(findings[1].rank.rank == 4 && findings[1].countBelowNoise == 0)
    let margin = try #require(findings[1].rank.smallestAbove) / findings[1].rank.tolerance
    #expect(margin > 3, "rank 4 is robust")
  }

  @Test func `rounding errors of unequal rows stay below the tolerance`() async throws {
    // Eight rows change, and are rounded, a thousand times as much as the others.
    let rows = (0..<Self.dimension).map { $0 < 8 ? Float(30) : 0.03 }
    let findings = try await change(0.1, rows: rows, rules: [.noise])[0]
    #expect(findings.rank.rank == 4)
    // The negative control: the mean size of the errors is too small a tolerance.
    #expect(findings.spectrum.rank(above: findings.storageNoise).rank > 4)
  }

  @Test func `a change that rounding hides has no rank above the noise`() async throws {
    let findings = try await change(1e-5, rows: equalRows, rules: [.noise, .absolute(0)])
    #expect(findings[0].rank.rank == 0 && findings[1].rank.rank > 4)
  }

  @Test func `the noise of F32 counts a small change that BF16 hides`() async throws {
    // The negative control of the tolerance: it follows the type.
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("w.safetensors")
      var ranks: [Int] = []
      for format in [FloatFormat.float32, .bfloat16] {
        // One singular value of 64, and one of 64/1000.
        let values = ContiguousArray(
          (0..<Self.dimension * Self.dimension).map {
            ($0 / Self.dimension + $0) % 2 == 0 ? Float(1.001) : 0.999
          })
        let rounded = format.rounded(values).flatMap { value in
          (format == .float32 ? 0..<4 : 2..<4).map {
            UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0))
          }
        }
        try write(rounded, format, to: url)
        let inspection = try await CheckpointInspection(
          try TensorArchive(url.path), TensorSelection(), InspectionSettings(rule: .noise),
          on: WorkerPool(threads: 1))
        ranks.append(try #require(inspection.tensors[0].findings).rank.rank)
      }
      #expect(ranks == [2, 1])
    }
  }
}
