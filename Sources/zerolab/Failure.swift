// Error messages on standard error, and exit codes.

import ArgumentParser
@unsafe @preconcurrency import Foundation
import ZerOCheckpoints
import ZerOClusters
import ZerODatasets
import ZerOExecution
import ZerOExperiments
import ZerOFigures
import ZerOInitializers
import ZerOInspection
import ZerOLinearAlgebra
import ZerOMeasurements
import ZerOMessages
import ZerORecords
import ZerOReinitialization
import ZerOReports
import ZerOSeries
import ZerOTerminal
import ZerOTraining

/// An error message and its exit code.
struct Failure {
  /// The exit codes: 1, those of sysexits.h, and 128 plus the number of a signal.
  enum Code: Int32, CaseIterable {
    case failed = 1
    case usage = 64
    case data = 65
    case limit = 71
    case cannotCreate = 73
    case inputOutput = 74
    case hungUp = 129
    case interrupted = 130
    case terminated = 143

    /// The meaning, for the reference page.
    var meaning: String {
      switch self {
      case .failed:
        "A run diverged or failed, a claim is violated or undecided, a rank failed a check, or a command of the cluster failed."
      case .usage: "Wrong usage: an unknown option, value or name."
      case .data: "Invalid or damaged input: a data set, experiment, checkpoint or record."
      case .limit: "Too little memory, or a limit of the operating system is too low."
      case .cannotCreate:
        "A file cannot be written, or a folder of results belongs to another process or plan."
      case .inputOutput: "A file cannot be read, output cannot be written, or a download failed."
      case .hungUp: "Stopped by SIGHUP (lost connection), with a checkpoint."
      case .interrupted: "Stopped by Ctrl-C (SIGINT), with a checkpoint."
      case .terminated: "Stopped by SIGTERM, with a checkpoint."
      }
    }
  }

  let message: String
  let code: Code

  /// Recognizes every error of the package; `nil` for errors of the argument parser.
  init?(_ error: any Error) {
    guard let code = Self.code(of: error) else { return nil }
    self.code = code
    message =
      error is Interrupted
      ? "stopped; run the same command without --fresh to resume" : "\(error)"
  }

  private static func code(of error: any Error) -> Code? {
    switch error {
    case let error as DatasetError:
      switch error {
      case .unknownName: .usage
      case .downloadFailed: .inputOutput
      case .unwritable: .cannotCreate
      default: .data
      }
    case let error as ExperimentError:
      switch error {
      case .unknownName, .sameName: .usage
      default: .data
      }
    case let error as TensorFileError:
      switch error {
      case .unreadable: .inputOutput
      case .unwritable: .cannotCreate
      default: .data
      }
    case let error as InspectionError:
      switch error {
      case .randomBaseline, .overwritesCheckpoint, .stackAndConvolution: .usage
      case .unmatchedPattern, .noCounterpart, .wrongShape, .weightNotFinite, .counterpartNotFinite:
        .data
      }
    case let error as SeriesError:
      switch error {
      case .unclearSteps, .sameStep, .mixedUnits, .wrongStepCount, .repeatedStep, .noSelectedStep:
        .usage
      case .noCheckpoints, .malformedStore: .data
      case .otherSettings, .lostStart, .unwritable: .cannotCreate
      case .unreadable: .inputOutput
      }
    case let error as ReinitializationError:
      switch error {
      case .unknownRules, .overwritesItself: .usage
      default: .data
      }
    case let error as RecordError:
      switch error {
      case .unwritable, .otherPlan, .locked, .isLink: .cannotCreate
      case .unreadable, .gone: .inputOutput
      case .malformed, .incomplete, .notThisRuns: .data
      }
    case let error as ClusterError:
      switch error {
      case .notATask, .noSuchTask, .noSlurm: .usage
      case .refused, .underWay, .noArrays, .noJobNumber, .notGathered: .failed
      case .unreadableSubmission: .data
      }
    case let error as ReportError:
      switch error {
      case .brokenInstallation: .failed
      case .unwritable: .cannotCreate
      case .noExperiment, .noRuns: .data
      }
    case is PlanError, is MeasurementError, is InitializationError: .usage
    case is WatchError, is WeightsError: .data
    case is TrainingError, is FactorizationError, is DrawingError: .failed
    case is MemoryShortage: .limit
    case let error as Interrupted: Code(rawValue: 128 + error.signal) ?? .interrupted
    case is OutputError: .inputOutput
    default: nil
    }
  }

  /// Writes the message to standard error, in one line.
  func report() { standardError("zerolab: \(message.inOneLine)\n") }

  func exit() -> Never {
    report()
    Foundation.exit(code.rawValue)
  }
}

/// Standard output could not be written.
struct OutputError: Error, CustomStringConvertible {
  var description: String {
    "standard output can't be written; check the free space, or the program that reads the output"
  }

  /// Flushes standard output.
  ///
  /// - Throws: `OutputError` if that fails, or if an earlier write has failed; only the stream's error indicator
  ///   remembers an earlier failure.
  static func check() throws(OutputError) {
    guard unsafe fflush(stdout) == 0, unsafe ferror(stdout) == 0 else { throw OutputError() }
  }
}

/// Writes a message to standard error; standard output is for results.
func standardError(_ text: String) {
  // A failure is ignored, and runs continue.
  try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
}
