// Whatever holds tensors, by what its name says.

import Messages

/// The tensors of a model, wherever they are stored.
public struct TensorArchive: Sendable {
  /// The tensors, in the order of the files.
  public let tensors: [StoredTensor]

  /// What was opened: the file of the model, where a folder was asked for.
  public let path: String

  /// The texts about a safetensors file, or those that all of several have.
  public let metadata: [String: String]

  /// What a reader of the tensors should know about how they were read, a sentence each.
  public let notes: [String]

  /// The places of the tensors by their names, and by their plain names: `nil` where several have the same one.
  private let places: [String: Int]
  private let plainPlaces: [String: Int?]

  /// Opens a file, or the model in a folder; only headers are read.
  ///
  /// - Parameter path: A `.safetensors` file, an index of several (`.safetensors.index.json`, or that of a variant,
  ///   `.safetensors.index.fp16.json`), a `.npy` or `.npz` file, or a folder with `model.safetensors.index.json`,
  ///   `model.safetensors` or one model under another name.
  /// - Throws: `TensorFileError`.
  public init(_ path: String) throws(TensorFileError) {
    let path = try ModelFolder.file(of: path)
    self.path = path
    var metadata: [String: String] = [:]
    if path.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(path: path)
      tensors = file.tensors
      metadata = file.metadata
    } else if SafetensorsIndex.isName(path) {
      let index = try SafetensorsIndex(path: path)
      tensors = index.tensors
      metadata = index.metadata
    } else if path.hasSuffix(".npy") {
      tensors = [try NPYFile.open(path)]
    } else if path.hasSuffix(".npz") {
      tensors = try NPZFile.open(path)
    } else {
      throw .unknownFormat(path: path)
    }
    self.metadata = metadata
    notes = Self.notes(on: tensors)
    places = Dictionary(zip(tensors.map(\.name), tensors.indices)) { first, _ in first }
    var plainPlaces: [String: Int?] = [:]
    for (place, tensor) in tensors.enumerated() {
      let plain = TensorName(tensor.name).plain
      plainPlaces[plain] = .some(plainPlaces[plain] == nil ? place : nil)
    }
    self.plainPlaces = plainPlaces
  }

  /// The notes that tensors have, each with the first of the names.
  private static func notes(on tensors: [StoredTensor]) -> [String] {
    var names: [String: [String]] = [:]
    var order: [String] = []
    for tensor in tensors {
      for note in tensor.notes {
        if names[note] == nil { order.append(note) }
        names[note, default: []].append(tensor.name)
      }
    }
    return order.map { note in "\(firstOf(names[note] ?? [])): \(note)" }
  }

  /// The first of some patterns that is the name of no tensor.
  ///
  /// - Parameters:
  ///   - patterns: The patterns.
  ///   - others: Names that count as well, those of matrices of stacks.
  /// - Returns: `nil` where each is the name of something.
  public func unmatched(
    among patterns: some Sequence<NamePattern>, besides others: [String] = []
  ) -> UnmatchedPattern? {
    let names = tensors.map(\.name) + others
    return patterns.first { !names.contains(where: $0.matches) }
      .map { UnmatchedPattern(pattern: $0, path: path, names: names) }
  }

  /// Looks a tensor up.
  public subscript(name: String) -> StoredTensor? { places[name].map { tensors[$0] } }

  /// Looks a tensor up whose name may have other additions of training tools than the name that is asked for.
  ///
  /// - Parameter name: Of a tensor in another file.
  /// - Returns: The tensor of this name, or the only one of the same plain name (see ``TensorName``).
  public func counterpart(of name: String) -> StoredTensor? {
    if let tensor = self[name] { return tensor }
    guard let place = plainPlaces[TensorName(name).plain] ?? nil else { return nil }
    return tensors[place]
  }

  /// The bias of the module that a weight belongs to.
  ///
  /// - Parameter tensor: The weight.
  /// - Returns: The tensor that is its bias by its name (see ``TensorName/bias(_:)``), of any shape.
  public func bias(of tensor: StoredTensor) -> StoredTensor? {
    TensorName(tensor.name).bias { name in (plainPlaces[name] ?? nil).map { tensors[$0] } }
  }
}
