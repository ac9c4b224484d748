// Built-in experiments: the YAML files in the folder BuiltIn.

import Foundation
public import ZerOInitializers
public import ZerOMeasurements
import ZerOMessages
import ZerOResources

extension Experiment {
  /// The names of the built-in experiments, in alphabetical order.
  public static var builtInNames: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: builtInFolder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  private static var builtInFolder: URL {
    resourceFolder(of: "Experiments").appendingPathComponent("BuiltIn")
  }

  /// Loads a built-in experiment or a YAML file.
  ///
  /// - Parameters:
  ///   - nameOrFile: A built-in name, which takes precedence, or a path.
  ///   - initializers: The catalog that must contain the initializers; `nil` accepts any name, as for the results of
  ///     another program.
  ///   - measurements: The catalog that must contain the quantities; `nil` accepts any name.
  /// - Returns: The experiment.
  /// - Throws: `ExperimentError`.
  public static func load(
    _ nameOrFile: String, initializers: InitializerCatalog? = .builtIn,
    measurements: MeasurementCatalog? = .builtIn
  ) throws(ExperimentError) -> Experiment {
    let isBuiltIn = builtInNames.contains(nameOrFile)
    let url =
      isBuiltIn
      ? builtInFolder.appendingPathComponent(nameOrFile + ".yaml")
      : URL(fileURLWithPath: nameOrFile)
    guard isBuiltIn || FileManager.default.fileExists(atPath: nameOrFile) else {
      throw .unknownName(nameOrFile, known: builtInNames)
    }
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw .unreadable(path: nameOrFile, reason: systemReason(of: error))
    }
    return try Experiment(
      yaml: text, path: isBuiltIn ? url.lastPathComponent : nameOrFile, initializers: initializers,
      measurements: measurements)
  }
}
