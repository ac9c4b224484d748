// The formats that a model can be written in.

/// A file format for a model.
public enum ModelFormat: CaseIterable, Sendable {
  /// safetensors.
  case safetensors

  /// PyTorch's zip format, for `torch.load(path, weights_only=True)`.
  case pyTorch

  /// The extensions of files in this format, with their dots, the usual one first.
  public var extensions: [String] {
    switch self {
    case .safetensors: [".safetensors"]
    case .pyTorch: [".pt", ".pth", ".bin", ".ckpt"]
    }
  }

  /// The format of a file by its extension; `nil` for other extensions.
  ///
  /// - Parameter path: The file's path.
  public init?(path: String) {
    guard let format = Self.allCases.first(where: { $0.extensions.contains(where: path.hasSuffix) })
    else { return nil }
    self = format
  }
}

/// The bytes of a file format around the values of its tensors.
protocol ModelEncoding {
  /// The bytes before the first tensor.
  ///
  /// - Throws: `EncodingError`; not for valid strings.
  mutating func beginning() throws -> [UInt8]

  /// The bytes before the values of the next tensor.
  mutating func beforeNext() -> [UInt8]

  /// Receives the values of the current tensor, part by part.
  mutating func count(_ values: [UInt8])

  /// The bytes after the values of the current tensor.
  mutating func afterValues() -> [UInt8]

  /// The bytes after the last tensor.
  mutating func ending() -> [UInt8]
}

/// A safetensors file: a header, and the values of all tensors without a gap.
struct SafetensorsEncoding: ModelEncoding {
  private let tensors: [StoredTensor]
  private let metadata: [String: String]

  /// Checks the types.
  ///
  /// - Throws: `TensorFileError.unsupported`.
  init(_ tensors: [StoredTensor], metadata: [String: String]) throws(TensorFileError) {
    if let tensor = tensors.first(where: { !Safetensors.Entry.isType($0.type) }) {
      throw .unsupported(path: tensor.path, tensor: tensor.name, type: tensor.type)
    }
    self.tensors = tensors
    self.metadata = metadata
  }

  func beginning() throws -> [UInt8] {
    try Safetensors.header(
      tensors.map {
        (name: $0.name, type: $0.type, shape: $0.shape, byteCount: $0.byteCount)
      }, metadata: metadata)
  }

  func beforeNext() -> [UInt8] { [] }
  func count(_ values: [UInt8]) {}
  func afterValues() -> [UInt8] { [] }
  func ending() -> [UInt8] { [] }
}
