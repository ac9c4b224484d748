// The ranks of a checkpoint as one self-contained HTML page.

public import Foundation
import Mustache
public import ZerOInspection
import ZerORecords
import ZerOSpectra

/// The data of the page's template.
private struct InspectionPage {
  /// A horizontal grid line of a spectrum.
  struct GridLine {
    let y: String
  }

  /// The drawing of a spectrum.
  struct SpectrumPlot {
    let name: String
    let words: String
    let points: String
    let tolerance: String
    let grid: [GridLine]
    let isDeficient: Bool
    let width = Int(Self.size.width)
    let height = Int(Self.size.height)

    private static let size = (width: 200.0, height: 90.0)

    /// Decades below the largest value that are drawn; smaller values are drawn at the lower edge.
    static let decades = 8

    /// The largest number of drawn values; more would be less than a pixel apart.
    static let pointLimit = 200

    init(_ name: String, _ findings: MatrixFindings) {
      let values = findings.spectrum.values
      let largest = values.first ?? 0
      func height(_ value: Double) -> String {
        let decades = value > 0 && largest > 0 ? -log10(value / largest) : .infinity
        let fraction = min(max(decades / Double(Self.decades), 0), 1)
        return String(format: "%.1f", 2 + fraction * (Self.size.height - 4))
      }
      let step = max(1, (values.count + Self.pointLimit - 1) / Self.pointLimit)
      let drawn = values.indices.filter { $0.isMultiple(of: step) || $0 == values.count - 1 }
      points = drawn.map { index in
        let fraction = values.count > 1 ? Double(index) / Double(values.count - 1) : 0
        return String(format: "%.1f", fraction * Self.size.width) + "," + height(values[index])
      }.joined(separator: " ")
      tolerance = height(findings.rank.tolerance)
      grid = (1..<Self.decades).map { GridLine(y: height(largest * pow(10, -Double($0)))) }
      self.name = name
      isDeficient = findings.ratio < 1
      words =
        "rank \(findings.rank.rank) of \(values.count) at tolerance \(short(findings.rank.tolerance)); σ from "
        + "\(short(largest)) to \(short(values.last))"
    }
  }

  let style: String
  let script: String
  let name: String
  let path: String
  let headline: String
  let question: String
  let failures: [String]
  let remarks: [String]
  let table: ReportPage.Table
  let spectra: [SpectrumPlot]
  let floor: String
  let sampling: String

  init(_ inspection: CheckpointInspection, _ files: PageFiles) {
    style = files.style
    script = files.script
    path = inspection.path
    name = URL(fileURLWithPath: inspection.path).lastPathComponent
    let matrices = inspection.tensors.compactMap { tensor in
      tensor.findings.map { (tensor.name, $0) }
    }
    let full = matrices.count { $0.1.rank.rank == $0.1.spectrum.values.count }
    failures = inspection.failureRemarks
    let ranked =
      matrices.isEmpty
      ? "no matrix was ranked"
      : "\(full) of \(matrices.count) matrices have full rank at the tolerance"
    headline =
      ranked + (failures.isEmpty ? "" : ", \(failures.count) more could not be ranked")
    question = "Ranks of \(inspection.question)."
    remarks = inspection.otherRemarks
    table = ReportPage.Table(inspection.table, caption: "Ranks of \(name)")
    spectra = matrices.map { SpectrumPlot($0.0, $0.1) }
    floor = String(format: "%.0e", pow(10, -Double(SpectrumPlot.decades)))
    sampling =
      matrices.contains { $0.1.spectrum.values.count > SpectrumPlot.pointLimit }
      ? "At most \(SpectrumPlot.pointLimit) values per matrix are drawn; the JSON contains all."
      : ""
  }
}

extension CheckpointInspection {
  /// The ranks as one self-contained HTML page.
  ///
  /// - Returns: UTF-8 text, about 30 kB plus 3 kB per matrix.
  /// - Throws: `ReportError.brokenInstallation` if the page's template is missing from the
  ///   installation.
  public func page() throws -> String {
    let files = try PageFiles(.ranks)
    return files.template.render(InspectionPage(self, files))
  }

  /// Writes the page, atomically replacing an older one.
  ///
  /// - Parameter url: The file; its folder is created if missing.
  /// - Throws: `ReportError.unwritable`, and the errors of `page()`.
  public func writePage(to url: URL) throws {
    let page = try page()
    do {
      try RecordFiles.write(Array(page.utf8), toNamed: url)
    } catch {
      guard case .unwritable(let path, let reason) = error else { throw error }
      throw ReportError.unwritable(path: path, reason: reason)
    }
  }
}
