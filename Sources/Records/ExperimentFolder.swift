// The folder of an experiment's results.

public import Foundation
public import Training

/// Where an experiment's runs, figures and summary lie.
public struct ExperimentFolder: Sendable {
  /// Where it is.
  public let url: URL

  /// Names a folder; nothing is read or written.
  public init(_ url: URL) { self.url = url }

  /// A file of the folder.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// The folder of a run: `runs/` and the plan's identifier.
  public func run(_ plan: TrainingPlan) -> RunFolder {
    RunFolder(file("runs").appendingPathComponent(plan.identifier))
  }
}
