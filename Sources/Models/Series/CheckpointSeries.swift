// The checkpoints of a training run, found in its folder and ordered by step.

import Foundation
import ZerOCheckpoints
import ZerOMessages

/// A checkpoint of a series.
public struct SeriesCheckpoint: Equatable, Sendable {
  /// The number of updates or epochs before it was saved.
  public let step: Int

  /// The path relative to the folder of the series; for checkpoints given one by one, the path as given.
  public let name: String

  /// The path to open.
  public let path: String

  /// The key of the model in a PyTorch file; `nil` to choose it by name.
  let key: String?

  /// Opens the checkpoint, an adapter as its weight changes; only headers are read.
  ///
  /// - Throws: `TensorFileError`.
  func open() throws(TensorFileError) -> TensorArchive {
    try TensorArchive(path, key: key).resolvingAdapter()
  }
}

/// The checkpoints of a training run, ordered by step.
///
/// The step of a checkpoint is told by its name, by the `trainer_state.json` beside it, or by a number
/// in the file, such as `iter_num`. These names are known, in files and folders of any depth:
///
/// | tool | name |
/// |---|---|
/// | Hugging Face Trainer | `checkpoint-500/model.safetensors` |
/// | Lightning | `epoch=0-step=10.ckpt` |
/// | nanoGPT, nanochat, modded-nanogpt | `ckpt.pt` with `iter_num`, `model_000500.pt`, `state_step000500.pt` |
/// | torchtune, MLX-LM, Keras | `epoch_2/`, `0000100_adapters.safetensors`, `weights.05-0.34` |
/// | Orbax, Megatron | `500/`, `iter_0000500/` |
/// | Pythia, OLMo, MultiBERTs | `step1000`, `step1000-tokens4B`, `seed_0-step_20k` (20,000) |
public struct CheckpointSeries: Equatable, Sendable {
  /// The selected checkpoints, in ascending order of their steps.
  public let checkpoints: [SeriesCheckpoint]

  /// The checkpoint with the lowest step, whether it is selected or not.
  public let first: SeriesCheckpoint

  /// All checkpoints, in ascending order of their steps.
  let all: [SeriesCheckpoint]

  /// The steps that were selected; `nil` for all.
  let selection: StepSelection?

  /// The unit of the steps.
  public let unit: StepUnit

  /// The folder of the series, or the first of several paths.
  public let path: String

  /// Files that were passed over, and why, one sentence per reason.
  public let notes: [String]

  /// Finds the checkpoints.
  ///
  /// - Parameters:
  ///   - paths: One folder that contains the checkpoints; or the checkpoints, files and folders.
  ///   - steps: The steps in the order of the paths, or of the sorted names in the folder; `nil` to tell
  ///     them from names and contents.
  ///   - selection: The steps to keep; `nil` for all.
  ///   - key: The key of the model in a PyTorch file, with dots between nested keys; `nil` to choose it by name.
  /// - Throws: `SeriesError`; `TensorFileError.unreadable` for a missing folder, and one that can't be read.
  public init(
    _ paths: [String], steps: [Int]? = nil, only selection: StepSelection? = nil,
    key: String? = nil
  ) throws {
    let path = paths.first ?? "."
    let isSearch = paths.count == 1 && Self.isFolder(path)
    guard paths.count > 1 || FileManager.default.fileExists(atPath: path) else {
      throw TensorFileError.unreadable(path: path, reason: systemReason(of: POSIXError(.ENOENT)))
    }
    let found = isSearch ? try FoundModels(in: path) : try FoundModels(given: paths)
    let directory = isSearch ? (path.hasSuffix("/") ? path : path + "/") : ""
    let ordered = try OrderedModels(
      found, steps: steps, isSearch: isSearch, path: path,
      stepInside: { StepInside.step(of: directory + $0, key: key) })
    let checkpoints = ordered.models.map { model in
      SeriesCheckpoint(step: model.step, name: model.path, path: directory + model.path, key: key)
    }
    let selected = checkpoints.filter { selection?.contains($0.step) ?? true }
    guard let first = checkpoints.first else { throw SeriesError.noCheckpoints(path: path) }
    if let selection, selected.isEmpty {
      throw SeriesError.noSelectedStep(selection: selection, steps: checkpoints.map(\.step))
    }
    self.checkpoints = selected
    all = checkpoints
    self.selection = selection
    self.first = first
    unit = ordered.unit
    self.path = path
    notes = ordered.notes
  }

  /// Whether several paths look like a series: each name tells a different step.
  ///
  /// - Parameter paths: Paths of checkpoints; nothing is read.
  /// - Returns: `false` for fewer than two paths.
  public static func isNamed(_ paths: [String]) -> Bool {
    let steps = StepNames.steps(
      of: paths.map { path in
        ModelFile(path)?.parts ?? path.split(separator: "/").map(String.init)
      })
    return paths.count > 1 && !steps.contains(nil)
      && Set(steps.map { $0?.number }).count == paths.count
  }

  private init(
    checkpoints: [SeriesCheckpoint], like series: CheckpointSeries
  ) {
    self.checkpoints = checkpoints
    (all, first, selection) = (series.all, series.first, series.selection)
    (unit, path, notes) = (series.unit, series.path, series.notes)
  }

  /// The series with some of its checkpoints.
  func keeping(_ checkpoints: [SeriesCheckpoint]) -> CheckpointSeries {
    CheckpointSeries(checkpoints: checkpoints, like: self)
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}

/// The models among files.
struct FoundModels: Equatable, Sendable {
  /// The models, sorted by name with numbers in numeric order; for given paths in their order.
  var models: [ModelFile] = []

  /// Files with other states of the training.
  var states: [String] = []

  /// The deepest folder that is searched, below the folder of the series.
  private static let depth = 6

  /// Searches a folder and its subfolders; hidden ones and links back are passed over.
  ///
  /// - Throws: `TensorFileError.unreadable`.
  init(in folder: String) throws {
    var files: [String] = []
    var visited: Set<String> = []
    func search(_ relative: String, depth: Int) throws(TensorFileError) {
      let path = relative.isEmpty ? folder : folder + "/" + relative
      guard visited.insert(Self.canonical(path)).inserted else { return }
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: path)
      } catch {
        throw .unreadable(path: path, reason: systemReason(of: error))
      }
      // Links last, so that a copy by link is the one that is passed over.
      let entries = names.map { (name: $0, isLink: Self.isLink(path + "/" + $0)) }
        .sorted { ($0.isLink ? 1 : 0, $0.name) < ($1.isLink ? 1 : 0, $1.name) }
      for (name, isLink) in entries where name == ".metadata" || !name.hasPrefix(".") {
        let place = relative.isEmpty ? name : relative + "/" + name
        if CheckpointSeries.isFolder(path + "/" + name) {
          if depth > 0, !name.hasPrefix("tmp-") { try search(place, depth: depth - 1) }
        } else if !isLink || visited.insert(Self.canonical(path + "/" + name)).inserted {
          if !isLink { visited.insert(Self.canonical(path + "/" + name)) }
          files.append(place)
        }
      }
    }
    try search("", depth: Self.depth)
    self.init(files: files)
  }

  /// Finds the models among the files of a folder.
  ///
  /// - Parameter files: Paths relative to the folder.
  init(files: [String]) {
    var models = files.compactMap(ModelFile.init)
    // The files of a distributed checkpoint are its folder's.
    let names = Set(files)
    let folders = Set(
      models.filter { model in names.contains(model.path + "/.metadata") }.map(\.path))
    models.removeAll { folders.contains($0.folder) }
    states = models.filter(\.isTrainingState).map(\.path).sorted()
    self.models = Self.sorted(models.filter { !$0.isTrainingState && !$0.isShard })
  }

  /// Takes each given path as a checkpoint, a folder with its model.
  ///
  /// - Throws: `TensorFileError.unreadable`, `SeriesError.noCheckpoints`.
  init(given paths: [String]) throws {
    for path in paths {
      guard CheckpointSeries.isFolder(path) else {
        models.append(ModelFile(path) ?? ModelFile(unknown: path))
        continue
      }
      let inside = try FoundModels(in: path)
      guard !inside.models.isEmpty else { throw SeriesError.noCheckpoints(path: path) }
      let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
      models += inside.models.compactMap { ModelFile(folder + "/" + $0.path, like: $0) }
      states += inside.states.map { folder + "/" + $0 }
    }
  }

  /// Sorts by name, with numbers in numeric order.
  static func sorted(_ models: [ModelFile]) -> [ModelFile] {
    models.sorted { first, second in
      let order = first.path.compare(second.path, options: .numeric)
      return order == .orderedSame ? first.path < second.path : order == .orderedAscending
    }
  }

  private static func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
  }

  private static func canonical(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }
}
