// The files of a run's folder that contain a model, by their names alone.

import Foundation
import ZerOCheckpoints

/// A file, or a folder in a format of several files, that may be a checkpoint.
struct ModelFile: Hashable, Sendable {
  /// The path relative to the folder of the series.
  let path: String

  /// The name without its extension.
  let stem: String

  /// The preference among files of one folder with the same step: 0 is the first choice.
  let preference: Int

  /// The folder that contains it, relative to the folder of the series; empty for that folder.
  let folder: String

  /// The format, by preference.
  private let format: Format

  private enum Format: Int, Sendable { case safetensors, pyTorch, numPy, unknown }

  /// The parts of the path, outermost first, the last one without its extension.
  var parts: [String] {
    path.split(separator: "/").dropLast().map(String.init) + [stem]
  }

  /// Endings of models, in the order of preference; an index stands for its files.
  private static let endings = [
    ".safetensors.index.json", ".safetensors", ".bin.index.json", ".pth.tar", ".pt", ".pth",
    ".ckpt", ".bin", ".jit", ".npz", ".npy",
  ]

  /// Recognizes a model; `nil` for a file of any other kind.
  ///
  /// - Parameter path: A file's path. In a folder of PyTorch's distributed checkpoints, its
  ///   `.metadata` stands for the folder.
  init?(_ path: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let lower = name.lowercased()
    if lower == ".metadata" {
      let folder = Self.folder(of: path)
      let stem = folder.split(separator: "/").last.map(String.init) ?? ""
      self.init(folder, stem: stem, preference: 2)
    } else if name.hasPrefix(".") {
      return nil
    } else if let match = lower.firstMatch(of: /\.safetensors\.index(\.[^.]+)?\.json$/) {
      // With a variant, `model.safetensors.index.fp16.json`.
      let stem = String(name.dropLast(match.output.0.count))
      self.init(path, stem: stem, preference: match.output.1 == nil ? 0 : 1)
    } else if let place = Self.endings.firstIndex(where: lower.hasSuffix) {
      self.init(path, stem: String(name.dropLast(Self.endings[place].count)), preference: place)
      if stem.isEmpty { return nil }
    } else {
      return nil
    }
  }

  private init(_ path: String, stem: String, preference: Int) {
    (self.path, self.stem, self.preference) = (path, stem, preference)
    folder = Self.folder(of: path)
    let isArray = path.hasSuffix(".npy") || path.hasSuffix(".npz")
    format =
      preference == Self.endings.count
      ? .unknown : preference < 2 ? .safetensors : isArray ? .numPy : .pyTorch
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// Takes any file as a model; opening it tells whether it is one.
  init(unknown path: String) {
    let name = path.split(separator: "/").last ?? ""
    self.init(
      path, stem: String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex)),
      preference: Self.endings.count)
  }

  /// The same model with another path to its folder.
  init(_ path: String, like model: ModelFile) {
    self.init(path, stem: model.stem, preference: model.preference)
  }

  /// Whether a file of the same folder is the same checkpoint in a better form: safetensors beside
  /// PyTorch, or an index beside a file of the same name.
  func isAlternative(to other: ModelFile) -> Bool {
    folder == other.folder
      && (other.format.rawValue < format.rawValue
        || other.stem == stem && other.preference < preference)
  }

  /// Whether it is a NumPy file, which counts as a checkpoint only in a folder without other models.
  var isArray: Bool { format == .numPy }

  /// Whether it is a part of a model in several files, which an index stands for.
  var isShard: Bool { stem.contains(/\d+-of-\d+$/) }

  /// Whether the name denotes a state of the training other than the model.
  var isTrainingState: Bool {
    // Megatron's model.
    if stem == "model_optim_rng" { return false }
    let name = NameWithNumbers(stem)
    let words = Set(name.words)
    if !words.isDisjoint(with: Self.stateWords) { return true }
    if stem.contains(/^opt_?\d+$/) || ["train", "training_args", "meta"].contains(stem) {
      return true
    }
    if words.isSuperset(of: ["random", "states"]) { return true }
    return !Set(parts.dropLast()).isDisjoint(with: Self.stateFolders)
  }

  private static let stateWords: Set = [
    "optim", "optimizer", "optimizers", "scheduler", "sched", "scaler", "rng", "dataloader",
    "sampler", "recipe",
  ]

  private static let stateFolders: Set = ["optim", "optimizer", "recipe_state"]

  /// Whether the name says that it is a copy of another checkpoint: the latest, the best, or an
  /// average of weights.
  var isCopy: Bool {
    parts.contains { part in
      !Set(NameWithNumbers(part).words).isDisjoint(with: Self.copyWords)
    }
  }

  private static let copyWords: Set = [
    "latest", "last", "best", "final", "newest", "current", "ema",
  ]

  /// Whether the name says that it is the model before training.
  var isInitial: Bool {
    !Set(NameWithNumbers(stem).words).isDisjoint(with: ["init", "initial"])
  }

  /// Whether a library gives a model this name wherever it saves it.
  var hasUsualName: Bool {
    Self.usualStems.contains(stem.lowercased())
  }

  private static let usualStems: Set = [
    "model", "pytorch_model", "diffusion_pytorch_model", "adapter_model", "adapters",
    "consolidated",
    "state_dict", "weights", "ckpt", "checkpoint",
  ]
}
