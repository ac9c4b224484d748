// The name of a run's folder, and the digest that ties files to a run.

public import Foundation
import ZerOChecksums
public import ZerOTraining

extension TrainingPlan {
  /// The largest length in bytes of the readable part of a folder's name.
  private static let prefixLimit = 80

  /// The largest length in bytes of a file's name on common file systems.
  private static let fileNameLimit = 255

  /// The name of the run's folder: the identifier, cut to 80 bytes, and 12 hexadecimal digits of a SHA-256.
  ///
  /// The digest covers the whole identifier and the path of the data, so names that are cut differ too. Settings of later versions don't change the name as long as they
  /// have their default values.
  public var folderName: String {
    var prefix = ""
    for character in identifier {
      guard prefix.utf8.count + character.utf8.count <= Self.prefixLimit else { break }
      prefix.append(character)
    }
    return "\(prefix)-\(sha256(Array("\(recordIdentifier)\n\(data)".utf8)).prefix(12))"
  }

  /// The name that version 0.1 gave the run's folder; `nil` for a name beyond the limit of file systems.
  var formerFolderName: String? {
    recordIdentifier.utf8.count <= Self.fileNameLimit ? recordIdentifier : nil
  }

  /// Identifies the run of this plan on some data.
  ///
  /// Settings of later versions don't change the digest as long as they have their default values.
  ///
  /// - Parameter data: The training data.
  /// - Returns: A SHA-256 of the record identifier, the measured quantities and the checksums of the data, 64
  ///   hexadecimal digits.
  public func digest(on data: Provenance.Data) -> String {
    let files = data.sha256.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return sha256(Array(([recordIdentifier] + quantities + files).joined(separator: "\n").utf8))
  }
}

extension RunFolder {
  /// The folder of a run, given the folder that contains it.
  ///
  /// A run that version 0.1 began keeps its folder, whose name has no digest. Another plan's run in such a folder is ignored.
  ///
  /// - Parameters:
  ///   - plan: The run's plan.
  ///   - parent: The folder that contains the run's folder.
  public init(of plan: TrainingPlan, in parent: URL) {
    self.init(parent.appendingPathComponent(plan.folderName))
    if !holdsRun, let name = plan.formerFolderName {
      let former = RunFolder(parent.appendingPathComponent(name))
      // An unreadable plan may be this run's; whoever reads it reports the damage.
      if former.holdsRun, former.mayHold(plan) { self = former }
    }
  }

  /// Whether the folder's plan is a given one, or cannot be read.
  private func mayHold(_ plan: TrainingPlan) -> Bool {
    guard let found = try? RecordFiles.readJSON(TrainingPlan.self, from: file("plan.json")) else {
      return true
    }
    return found == plan
  }
}
