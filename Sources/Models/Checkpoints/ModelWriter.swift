// Writes a model of any size in little memory.

import Foundation
import ZerODurableFiles
import ZerOMessages
import ZerORequirements

/// Writes a copy of a model with new values, tensor by tensor.
///
/// Names, types, shapes and order are copied from the given tensors. The new file replaces the old
/// one atomically when it is complete, so neither a full disk nor a kill damages the old file. The path
/// `-` stands for standard output.
public struct ModelWriter: ~Copyable {
  private let tensors: [StoredTensor]
  private let path: String

  /// The new file; `nil` for standard output.
  private let file: ReplacementFile?

  private var encoding: any ModelEncoding
  private var written = 0

  /// Creates a temporary file and writes its beginning.
  ///
  /// - Parameters:
  ///   - path: The file, whose folder is created if missing, or `-`.
  ///   - format: The file format.
  ///   - tensors: Tensors of a model, with distinct names.
  ///   - metadata: Key-value texts for the file.
  /// - Throws: `TensorFileError.unwritable`; `.unsupported` or `.noTypeInPyTorch` for a type that the
  ///   format lacks.
  public init(
    _ path: String, as format: ModelFormat, like tensors: [StoredTensor],
    metadata: [String: String]
  ) throws(TensorFileError) {
    self.tensors = tensors
    self.path = path
    var encoding: any ModelEncoding =
      switch format {
      case .safetensors: try SafetensorsEncoding(tensors, metadata: metadata)
      case .pyTorch: try PyTorchEncoding(tensors, metadata: metadata, path: path)
      }
    file = try Self.begin(path, &encoding)
    self.encoding = encoding
  }

  private static func begin(_ path: String, _ encoding: inout any ModelEncoding)
    throws(TensorFileError) -> ReplacementFile?
  {
    do {
      guard path != "-" else {
        try FileHandle.standardOutput.write(contentsOf: try encoding.beginning())
        return nil
      }
      let url = URL(fileURLWithPath: path)
      try DurableFile.makeFolder(url.deletingLastPathComponent())
      let file = try ReplacementFile(for: url)
      try file.append(try encoding.beginning())
      return file
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }

  /// The next tensor to write; `nil` after the last one.
  public var next: StoredTensor? { written < tensors.count ? tensors[written] : nil }

  /// Copies the values of the next tensor from its own file.
  ///
  /// - Throws: `TensorFileError.unwritable`, and `.unreadable` for its own file.
  public mutating func appendStored() throws(TensorFileError) {
    let tensor = try begin()
    if tensor.strides != nil || tensor.isBigEndian {
      try appendValues(try tensor.littleEndianBytes())
      return try end()
    }
    var failure: TensorFileError?
    try tensor.source.read(tensor.range) { piece in
      guard failure == nil else { return }
      do throws(TensorFileError) {
        try appendValues(unsafe piece.withUnsafeBytes { unsafe [UInt8]($0) })
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    try tensor.source.verify()
    try end()
  }

  /// Writes the next tensor with all bits 0, which is the number 0 in every type except `F8_E8M0`.
  ///
  /// - Throws: `TensorFileError.unwritable`.
  public mutating func appendZeros() throws(TensorFileError) {
    let tensor = try begin()
    let piece = [UInt8](repeating: 0, count: min(pieceSize, tensor.byteCount))
    var left = tensor.byteCount
    while left > 0 {
      let size = min(piece.count, left)
      try appendValues(size == piece.count ? piece : [UInt8](repeating: 0, count: size))
      left -= size
    }
    try end()
  }

  /// Writes values for the next tensor, rounded to its type.
  ///
  /// - Parameter values: As many as the tensor has, in the order of its file.
  /// - Precondition: The tensor's type is a floating-point type.
  /// - Throws: `TensorFileError.unwritable`.
  public mutating func append(_ values: ContiguousArray<Float>) throws(TensorFileError) {
    let tensor = try begin()
    guard let format = tensor.format, values.count == tensor.count else {
      requirementFailure(
        "\(values.count) values for '\(tensor.name)', \(tensor.count) of type \(tensor.type)")
    }
    var bytes: [UInt8] = []
    let step = pieceSize / format.byteCount
    for start in stride(from: 0, to: values.count, by: step) {
      bytes.removeAll(keepingCapacity: true)
      let piece = values.span.extracting(start..<min(start + step, values.count))
      format.encode(piece, appendingTo: &bytes)
      try appendValues(bytes)
    }
    try end()
  }

  /// Moves the complete file to its path.
  ///
  /// - Precondition: Every tensor has been written.
  /// - Throws: `TensorFileError.unwritable`.
  public consuming func finish() throws(TensorFileError) {
    require(written == tensors.count, "\(written) of \(tensors.count) tensors")
    try append(encoding.ending())
    do {
      try file?.commit()
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }

  private mutating func begin() throws(TensorFileError) -> StoredTensor {
    require(written < tensors.count, "a tensor more than \(tensors.count)")
    try append(encoding.beforeNext())
    return tensors[written]
  }

  private mutating func end() throws(TensorFileError) {
    try append(encoding.afterValues())
    written += 1
  }

  private mutating func appendValues(_ bytes: [UInt8]) throws(TensorFileError) {
    encoding.count(bytes)
    try append(bytes)
  }

  private func append(_ bytes: [UInt8]) throws(TensorFileError) {
    guard !bytes.isEmpty else { return }
    do {
      if let file {
        try file.append(bytes)
      } else {
        try FileHandle.standardOutput.write(contentsOf: bytes)
      }
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }
}
