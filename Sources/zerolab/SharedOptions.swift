// Options and option types of several commands.

public import ArgumentParser
import Foundation
public import ZerOInitializers
import ZerOParallelism
import ZerOSpectra

/// The number of threads.
struct JobOptions: ParsableArguments {
  @Option(
    help: "Number of threads, and of simultaneous runs; default and maximum: the number of cores.")
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs is \(jobs); it must be at least 1") }
  }

  /// The worker threads, at most one per core: more would only wait for each other.
  var pool: WorkerPool {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return WorkerPool(threads: min(jobs ?? cores, cores))
  }
}

enum Seed {
  /// Parses a seed; the type's own parser would only report -1 as invalid.
  static func parse(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("it must be 0 to \(UInt64.max)")
    }
    return seed
  }
}

extension TensorLayout: ExpressibleByArgument {
  /// Parses the name of a file's layout; `nil` for other texts.
  public init?(argument: String) {
    guard let layout = Self.ofFiles.first(where: { $0.rawValue == argument }) else { return nil }
    self = layout
  }

  /// The names, for help and completions.
  public static var allValueStrings: [String] { ofFiles.map(\.rawValue) }
}

extension ToleranceRule {
  /// Parses an absolute tolerance or the word `noise`.
  ///
  /// - Throws: `ValidationError`.
  static func parse(_ argument: String) throws -> ToleranceRule {
    if argument == "noise" { return .noise }
    guard let tolerance = Double(argument), tolerance >= 0, tolerance.isFinite else {
      throw ValidationError("it must be a finite number, 0 or more, or 'noise'")
    }
    return .absolute(tolerance.magnitude)
  }
}

extension CompletionKind {
  /// Extensions of files of models.
  static var modelExtensions: [String] {
    ["safetensors", "json", "pt", "pth", "bin", "ckpt", "tar", "jit", "npy", "npz"]
  }

  /// Completes files of models.
  static var models: CompletionKind { .file(extensions: modelExtensions) }

  /// Completes known names and paths: folders, and files with some extensions.
  ///
  /// - Parameters:
  ///   - names: Evaluated when the shell requests completions.
  ///   - fileExtensions: The extensions of files; empty for folders alone.
  /// - Returns: A completion that the program computes.
  static func names(
    _ names: @autoclosure @escaping @Sendable () -> [String], orFiles fileExtensions: [String] = []
  ) -> CompletionKind {
    .custom { _, _, word in
      let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
      let place = URL(fileURLWithPath: folder.isEmpty ? "." : folder)
      let found = try? FileManager.default.contentsOfDirectory(
        at: place, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
      let paths = (found ?? []).filter { url in
        url.hasDirectoryPath || fileExtensions.contains(url.pathExtension)
      }
      return names() + paths.map { folder + $0.lastPathComponent }.sorted()
    }
  }
}
