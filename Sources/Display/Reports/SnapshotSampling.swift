// Sampling of snapshots, which are the largest part of the records, to bound the size of the page.

import Foundation
import ZerOLinearAlgebra
import ZerORecords

/// A snapshot in the format of the page's scripts.
struct PageSnapshot: Encodable {
  struct SampledSpectrum: Encodable {
    let tolerance: Double
    let rank: Int
    let above: Double?
    let below: Double?
    let stable: Double?
    let effective: Double?

    /// The number of singular values, and of those that are exactly 0.
    let count: Int
    let zeros: Int

    /// Pairs (index from 1, value) of a sample of the nonzero singular values.
    let values: [[Double]]
  }

  /// Weights as integers from −127 to 127, one byte each; 127 represents `scale`.
  struct Map: Encodable {
    let rows: Int
    let columns: Int
    let scale: Double
    let values: Data
  }

  let updates: Int
  let tensor: String
  let shape: [Int]
  let spectra: [String: SampledSpectrum]
  let map: Map?
}

/// The sampling of all snapshots of a page.
struct SnapshotSampling {
  /// The maximum number of singular values per spectrum.
  let valueLimit: Int

  /// The maximum number of rows and columns per map.
  let mapLimit: Int

  /// Divides the page's budget of about 80 000 singular values, and of one to three megabytes for the maps of
  /// hundreds of runs.
  ///
  /// - Parameters:
  ///   - spectra: The number of spectra; each has at least a few values.
  ///   - maps: The number of maps.
  init(spectra: Int, maps: Int) {
    valueLimit = min(400, max(8, 80_000 / max(1, spectra)))
    mapLimit = maps <= 100 ? 64 : maps <= 1000 ? 32 : 16
  }

  /// Divides the budget among the snapshots of some runs; the first and the last snapshot of a tensor have maps.
  init(of runs: [[SnapshotRow]]) {
    self.init(
      spectra: runs.joined().reduce(0) { $0 + $1.spectra.count },
      maps: runs.reduce(0) { $0 + 2 * Set($1.map(\.tensor)).count })
  }

  /// The note below a spectrum.
  var spectrumNote: String {
    "The chart shows about \(valueLimit) values of a larger spectrum, including all values next to the "
      + "tolerance. Ranks and margins are computed from all values in double precision."
  }

  /// The note below a map.
  var mapNote: String {
    "A map has at most \(mapLimit) × \(mapLimit) cells. Each cell shows the weight of largest magnitude in "
      + "its block."
  }

  /// A run's snapshots: every spectrum, and the first and last map of each tensor.
  func snapshots(_ rows: [SnapshotRow]) -> [PageSnapshot] {
    let moments = rows.map(\.updates)
    return rows.map { row in
      let isEnd = row.updates == moments.first || row.updates == moments.last
      return PageSnapshot(
        updates: row.updates, tensor: row.tensor, shape: row.shape,
        spectra: row.spectra.mapValues(sampled), map: isEnd ? map(row.map) : nil)
    }
  }

  private func sampled(_ spectrum: SnapshotRow.Spectrum) -> PageSnapshot.SampledSpectrum {
    let values = spectrum.values
    let positive = values.prefix { $0 > 0 }.count
    let stride = max(1, (positive + valueLimit - 1) / valueLimit)
    // All values around the tolerance are kept, since they decide the rank.
    let near = spectrum.rank - 4...spectrum.rank + 3
    let indices = (0..<positive).filter {
      $0.isMultiple(of: stride) || $0 == positive - 1 || near.contains($0)
    }
    return PageSnapshot.SampledSpectrum(
      tolerance: spectrum.tolerance, rank: spectrum.rank,
      above: spectrum.smallestAbove.flatMap(PageData.seen),
      below: spectrum.largestBelow.flatMap(PageData.seen),
      stable: PageData.seen(spectrum.stableRank), effective: PageData.seen(spectrum.effectiveRank),
      count: values.count, zeros: values.count - positive,
      values: indices.compactMap { index in
        PageData.seen(Double(values[index])).map { [Double(index + 1), $0] }
      })
  }

  private func map(_ map: SnapshotRow.Map) -> PageSnapshot.Map {
    let matrix = Matrix(
      rows: map.rows, columns: map.columns, elements: ContiguousArray(map.values))
    let small = matrix.blockExtremes(atMost: mapLimit)
    let scale = small.elements.reduce(0) { max($0, abs($1)) }
    let bytes = small.elements.map { weight in
      scale > 0 && scale.isFinite && weight.isFinite
        ? UInt8(bitPattern: Int8((127 * (weight / scale)).rounded())) : 0
    }
    return PageSnapshot.Map(
      rows: small.rows, columns: small.columns, scale: PageData.seen(Double(scale)) ?? 0,
      values: Data(bytes))
  }
}
