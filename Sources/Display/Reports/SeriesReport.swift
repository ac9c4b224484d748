// The report of a series of checkpoints: table, figure, page and files for other programs.

public import Foundation
import ZerOCheckpoints
import ZerOEventFiles
import ZerOFigures
import ZerOMessages
public import ZerONamePatterns
import ZerORecords
public import ZerOSeries
public import ZerOSpectra

/// The ranks of a series of checkpoints, ready to be shown.
public struct SeriesReport: Sendable {
  /// The run, the matrix and the tolerance that the rows belong to.
  public struct Subject: Sendable {
    /// The path of the run.
    public let path: String

    /// The matrix whose singular values are computed, for example `W - W_0`.
    public let difference: String

    /// The step of the checkpoint that is subtracted; `nil` if it is none of the series.
    public let startStep: Int?

    /// The rule of the tolerance.
    public let rule: ToleranceRule

    /// The unit of the steps.
    public let unit: StepUnit

    /// The command that continues the series.
    public let command: String

    /// One sentence per checkpoint that was skipped.
    public let skipped: [String]

    /// Remarks on how the files were read.
    public let notes: [String]

    /// Makes a description.
    public init(
      path: String, difference: String, startStep: Int? = nil, rule: ToleranceRule,
      unit: StepUnit = .step,
      command: String, skipped: [String] = [], notes: [String] = []
    ) {
      self.path = path
      self.difference = difference
      self.startStep = startStep
      self.rule = rule
      self.unit = unit
      self.command = command
      self.skipped = skipped
      self.notes = notes
    }
  }

  /// The run, the matrix and the tolerance of the rows.
  let about: Subject

  /// The rows by matrix and step.
  let history: SeriesHistory

  /// The groups of matrices that have one curve each.
  let groups: [MatrixGroup]

  /// The matrices of each group, as positions in the history.
  let members: [[Int]]

  /// The patterns of the user's groups.
  let patterns: [NamePattern]

  /// The quantities of table and figure.
  let quantities: [SeriesQuantity]

  /// Makes a report.
  ///
  /// - Parameters:
  ///   - rows: The rows, in any order.
  ///   - subject: The run, the matrix and the tolerance of the rows.
  ///   - quantities: The quantities of table and figure.
  ///   - groups: Patterns of matrices that are drawn as one curve with a band (`MatrixGroup.groups`).
  public init(
    _ rows: [SeriesRow], of subject: Subject,
    quantities: [SeriesQuantity] = SeriesQuantity.standard, groups: [NamePattern] = []
  ) {
    about = subject
    history = SeriesHistory(rows, isDifference: subject.difference != "W")
    self.quantities = quantities
    patterns = groups
    self.groups = MatrixGroup.groups(
      of: history.matrices.map { matrix in
        (matrix.name, matrix.rows.last.map { [$0.rows, $0.columns] } ?? [])
      }, patterns: groups)
    let places = Dictionary(
      uniqueKeysWithValues: history.matrices.enumerated().map { ($1.name, $0) })
    members = self.groups.map { $0.members.compactMap { places[$0] } }
  }

  /// Writes `ranks.csv`, `figure.pdf`, `figure.svg`, `figure.png`, `report.html`, and TensorBoard's event file in `tensorboard`.
  ///
  /// Each file replaces an older one atomically.
  ///
  /// - Parameter folder: The folder of the result; it is made if missing.
  /// - Returns: The names of the files.
  /// - Throws: `RecordError` if a file cannot be written, `DrawingError` if Cairo fails,
  ///   `ReportError.brokenInstallation`.
  public func write(to folder: URL) throws -> [String] {
    var names: [String] = []
    func write(_ name: String, _ bytes: some Collection<UInt8>) throws {
      try RecordFiles.write(bytes, to: folder.appendingPathComponent(name))
      names.append(name)
    }
    try write("ranks.csv", Array(fullTable.commaSeparated.utf8))
    let figure = figure
    for format in FigureFormat.allCases {
      try write("figure.\(format.rawValue)", try figure.file(format))
    }
    try write("report.html", Array(try page().utf8))
    try SeriesEvents.write(sortedRows, to: folder.appendingPathComponent("tensorboard"))
    return names
  }

  /// The rows by step, and for a step in the order of the matrices.
  var sortedRows: [SeriesRow] {
    history.steps.flatMap { step in history.matrices.compactMap { $0.row(at: step) } }
  }
}

extension SeriesReport {
  /// The matrix whose singular values are shown, as a formula.
  public var subject: String { subtrahend.map { "Wₜ − \($0)" } ?? "Wₜ" }

  /// The matrix that is subtracted, as a formula: W₀ for weights of a checkpoint, or the name of a matrix such as I; `nil`
  /// for none.
  private var subtrahend: String? {
    guard let name = about.difference.firstMatch(of: /^W - (.+)$/.dotMatchesNewlines())?.1 else {
      return nil
    }
    return name == "W_0" || startPath != nil ? "W₀" : String(name)
  }

  /// The path of a checkpoint outside the series that is subtracted.
  private var startPath: Substring? {
    about.difference.firstMatch(of: /^W - W of (.+)$/.dotMatchesNewlines())?.1
  }

  /// A sentence on the difference.
  var subjectWords: String {
    "Wₜ: weights at \(about.unit.rawValue) t"
      + (subtrahend == "W₀" ? "; W₀: \(startWords)." : ".")
  }

  private var startWords: String {
    if let startPath { return "weights in \(startPath)" }
    guard let step = about.startStep else { return "weights of the first checkpoint" }
    // Programs number the first epoch 0, whose checkpoint is not the initial one.
    return step == 0 && about.unit == .step
      ? "initial weights" : "weights at \(about.unit.rawValue) \(step)"
  }

  /// The formula of the relative distance from the start.
  var distanceFormula: String {
    let start = subtrahend ?? "W₀"
    return "‖Wₜ − \(start)‖/‖\(start)‖"
  }

  /// A sentence on the bands.
  var bandWords: String { "×n: median of n matrices; band: minimum to maximum." }

  /// The tolerance of a rank in words.
  var toleranceWords: String {
    switch about.rule {
    case .absolute(let tolerance): "tolerance \(FigureText.power(tolerance))"
    case .relative(let ratio): "tolerance \(FigureText.power(ratio))·σ₁"
    case .numPy: "NumPy's tolerance"
    case .noise: "tolerance: rounding of the stored type"
    }
  }
}
