// The data of a series page's scripts as JSON, rounded to the resolution of a screen.

import Foundation
import ZerOSeries

/// The curves and spectra of a series in the format of the page's scripts.
struct SeriesPageData: Encodable {
  /// A quantity that the page can show.
  struct Quantity: Encodable {
    let key: String
    let title: String

    /// The title in the heading of a narrow column.
    let heading: String

    /// The text beside an axis.
    let label: String

    /// The formula.
    let definition: String

    /// Whether all values are integers.
    let isWhole: Bool
  }

  /// The horizontal axis.
  struct Counts: Encodable {
    /// The smallest step.
    let low: Int
    let isLogarithmic: Bool

    /// The smallest positive step.
    let first: Int
  }

  /// The values of a group of several matrices per step.
  struct Bands: Encodable {
    let median: [Double?]
    let low: [Double?]
    let high: [Double?]
  }

  /// Matrices with one curve.
  struct Group: Encodable {
    let label: String

    /// The number of matrices.
    let count: Int

    /// The members that the page has, as positions among its matrices.
    let members: [Int]

    /// By quantity; absent for a single matrix.
    let bands: [String: Bands]?
  }

  /// A matrix at all steps.
  struct Matrix: Encodable {
    let name: String
    let shape: String
    let type: String

    /// One value per step, by quantity.
    let curves: [String: [Double?]]

    /// One spectrum per moment.
    let spectra: [Spectrum]
  }

  /// The singular values at a moment; all fields are absent if the matrix has no row.
  struct Spectrum: Encodable {
    var values: [[Double]]?
    var count: Int?
    var rank: Int?
    var tolerance: Double?
    var noise: Double?

    /// The number of singular values above the tolerance and below the noise.
    var below: Int?
  }

  let subject: String

  /// The word for a step.
  let unit: String
  let words: String

  /// Sentences on bands, and on curves that hide each other.
  let legendWords: String
  let steps: [Int]
  let counts: Counts
  let quantities: [Quantity]

  /// The keys of the quantities of the figure.
  let chosen: [String]
  let matrices: [Matrix]

  /// The positions of all groups, the members of the overview.
  let members: [Int]
  let groups: [Group]

  /// The steps with spectra, as positions in `steps`.
  let moments: [Int]

  /// The matrix whose singular values are shown first: the one with the most.
  let widest: Int

  /// Sentences on limits that apply.
  let remarks: [String]

  /// A sentence on the drawn singular values.
  let spectrumNote: String

  private enum CodingKeys: String, CodingKey {
    case subject, unit, words, legendWords, steps, counts, quantities, chosen, matrices, members,
      groups
    case moments, widest
  }

  /// The limits on the size of the page.
  struct Limits {
    /// Matrices with curves of their own.
    var matrices = 400

    /// Values of all curves.
    var values = 400_000

    /// Singular values of all spectra.
    var singularValues = 100_000

    /// Steps with spectra.
    var moments = 12
  }

  /// Collects the data of a report.
  init(_ report: SeriesReport, _ limits: Limits = Limits()) {
    let history = report.history
    subject = report.subject
    unit = report.about.unit.rawValue
    let quantities = SeriesQuantity.catalog.filter { quantity in
      history.matrices.contains { $0.rows.contains { history.value(quantity, $0) != nil } }
    }
    self.quantities = quantities.map {
      Quantity(
        key: $0.key, title: $0.title, heading: $0.heading, label: report.axisLabel($0),
        definition: report.definition($0),
        isWhole: $0.isCount)
    }
    chosen = report.quantities.map(\.key).filter { key in quantities.contains { $0.key == key } }
    let shown = CurveChoice.spread(Array(history.matrices.indices), over: limits.matrices)
    let count = shown.count * history.steps.count * quantities.count
    let stride = max(1, (count + limits.values - 1) / limits.values)
    let steps = PageData.thinned(history.steps, stride)
    self.steps = steps
    let changed = history.changedSteps
    self.counts = Counts(
      low: history.curveSteps.first ?? 0, isLogarithmic: history.isLogarithmic,
      first: changed.first { $0 > 0 } ?? 1)

    let withSpectra = steps.indices.filter { index in
      history.matrices.contains { $0.row(at: steps[index])?.results?.singularValues != nil }
        && changed.contains(steps[index])
    }
    let moments = Self.spread(withSpectra, over: limits.moments)
    self.moments = moments
    let perSpectrum = max(
      24, min(200, limits.singularValues / max(1, shown.count * moments.count)))
    matrices = shown.map { place in
      let matrix = history.matrices[place]
      let last = matrix.rows.last
      return Matrix(
        name: matrix.name, shape: last.map { "\($0.rows) × \($0.columns)" } ?? "",
        type: last?.type ?? "",
        curves: Dictionary(
          uniqueKeysWithValues: quantities.map { quantity in
            (
              quantity.key,
              steps.map { step in
                matrix.row(at: step).flatMap { history.curveValue(quantity, $0) }
                  .flatMap(PageData.seen)
              }
            )
          }),
        spectra: moments.map { index in
          matrix.row(at: steps[index])?.results.map { Self.spectrum($0, perSpectrum) } ?? Spectrum()
        })
    }
    let places = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
    let labels = report.labels
    groups = report.members.enumerated().compactMap { index, members in
      let own = members.compactMap { places[$0] }
      guard !own.isEmpty else { return nil }
      guard members.count > 1 else {
        return Group(label: labels[index], count: 1, members: own, bands: nil)
      }
      let bands = quantities.map { quantity in
        let bands = steps.map { history.band(quantity, of: members, at: $0) }
        return (
          quantity.key,
          Bands(
            median: bands.map { ($0?.median).flatMap(PageData.seen) },
            low: bands.map { ($0?.low).flatMap(PageData.seen) },
            high: bands.map { ($0?.high).flatMap(PageData.seen) })
        )
      }
      return Group(
        label: labels[index], count: members.count, members: own,
        bands: Dictionary(uniqueKeysWithValues: bands))
    }
    members = Array(groups.indices)
    let counts = matrices.map { $0.spectra.last?.count ?? 0 }
    widest = counts.max().flatMap { counts.firstIndex(of: $0) } ?? 0
    words = history.isDifference ? report.subjectWords : ""
    legendWords = [
      groups.contains { $0.bands != nil } ? report.bandWords : "", report.coincidenceWords,
    ].filter { !$0.isEmpty }.joined(separator: " ")
    remarks =
      (shown.count < history.matrices.count
        ? [
          "To limit its size, the page has curves of \(shown.count) of \(history.matrices.count) matrices. Bands "
            + "include every matrix; ranks.csv lists all."
        ] : [])
      + (stride > 1
        ? [
          "To limit the size of the page, curves show one in \(stride) steps and the last one; ranks.csv contains all."
        ] : [])
    spectrumNote =
      "The chart shows up to \(moments.count) \(report.about.unit.rawValue)\(moments.count == 1 ? "" : "s") and about \(perSpectrum) values of a larger spectrum, including "
      + "those next to the tolerance; values that are 0 are omitted. Rounding noise: the singular value that storing "
      + "the weights in their type may cause by itself."
  }

  /// A number of elements, the first and the last among them, spread evenly.
  private static func spread(_ all: [Int], over limit: Int) -> [Int] {
    guard all.count > limit else { return all }
    return (0..<limit).map { all[$0 * (all.count - 1) / (limit - 1)] }
  }

  private static func spectrum(_ row: SeriesRow.Results, _ limit: Int) -> Spectrum {
    guard let values = row.singularValues else { return Spectrum() }
    // The stored values have six digits; the rank was counted from all digits.
    let rank =
      row.quantities["rank"].flatMap { Int(exactly: $0) } ?? values.count { $0 > row.tolerance }
    let positive = values.prefix { $0 > 0 }.count
    let stride = max(1, (positive + limit - 1) / limit)
    let near = rank - 4...rank + 3
    let indices = (0..<positive).filter {
      $0.isMultiple(of: stride) || $0 == positive - 1 || near.contains($0)
    }
    return Spectrum(
      values: indices.compactMap { index in
        PageData.seen(values[index]).map { [Double(index + 1), $0] }
      }, count: values.count, rank: rank, tolerance: PageData.seen(row.tolerance),
      noise: PageData.seen(row.storageNoise),
      below: values.count { $0 > row.tolerance && $0 < row.storageNoise })
  }

  /// The JSON, escaped for a script element.
  var script: String {
    get throws { try PageData.script(self) }
  }
}
