// Writes a safetensors file of any size in little memory.

import DurableFiles
import Foundation
import Messages

/// Writes a copy of a model with new values, tensor by tensor.
///
/// Names, types, shapes and order are copied from the given tensors. The header comes first. The
/// new file replaces the old one atomically when it is complete, so neither a full disk nor a kill
/// damages the old file.
public struct SafetensorsWriter: ~Copyable {
  private let tensors: [StoredTensor]
  private let path: String
  private let file: ReplacementFile
  private var written = 0

  /// Creates a temporary file and writes the header.
  ///
  /// - Parameters:
  ///   - path: The file; its folder is created if missing.
  ///   - tensors: Tensors with distinct names.
  ///   - metadata: Key-value texts for the header.
  /// - Throws: `TensorFileError.unwritable`, and `.unsupported` for a type that safetensors files
  ///   don't have.
  public init(_ path: String, like tensors: [StoredTensor], metadata: [String: String])
    throws(TensorFileError)
  {
    self.tensors = tensors
    self.path = path
    file = try Self.begin(path, tensors, metadata)
  }

  private static func begin(
    _ path: String, _ tensors: [StoredTensor], _ metadata: [String: String]
  ) throws(TensorFileError) -> ReplacementFile {
    if let tensor = tensors.first(where: { !Safetensors.Entry.isType($0.type) }) {
      throw .unsupported(path: tensor.path, tensor: tensor.name, type: tensor.type)
    }
    let url = URL(fileURLWithPath: path)
    do {
      try DurableFile.makeFolder(url.deletingLastPathComponent())
      let file = try ReplacementFile(for: url)
      let lines = tensors.map {
        (name: $0.name, type: $0.type, shape: $0.shape, byteCount: $0.byteCount)
      }
      try file.append(try Safetensors.header(lines, metadata: metadata))
      return file
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }

  /// The next tensor to write; `nil` after the last one.
  public var next: StoredTensor? { written < tensors.count ? tensors[written] : nil }

  /// Copies the bytes of the next tensor from its own file.
  ///
  /// - Throws: `TensorFileError.unwritable`, and `.unreadable` for its own file.
  public mutating func appendStored() throws(TensorFileError) {
    let tensor = advance()
    if tensor.strides != nil || tensor.isBigEndian {
      return try append(try tensor.littleEndianBytes())
    }
    var failure: TensorFileError?
    try tensor.source.read(tensor.range) { piece in
      guard failure == nil else { return }
      do throws(TensorFileError) {
        try append(unsafe piece.withUnsafeBytes { unsafe [UInt8]($0) })
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    try tensor.source.verify()
  }

  /// Writes the next tensor with all bits 0, which is the number 0 in every type except `F8_E8M0`.
  ///
  /// - Throws: `TensorFileError.unwritable`.
  public mutating func appendZeros() throws(TensorFileError) {
    let tensor = advance()
    let piece = [UInt8](repeating: 0, count: min(pieceSize, tensor.byteCount))
    var left = tensor.byteCount
    while left > 0 {
      let size = min(piece.count, left)
      try append(size == piece.count ? piece : [UInt8](repeating: 0, count: size))
      left -= size
    }
  }

  /// Writes values for the next tensor, rounded to its type.
  ///
  /// - Parameter values: As many as the tensor has, in the order of its file.
  /// - Precondition: The tensor's type is a floating-point type.
  /// - Throws: `TensorFileError.unwritable`.
  public mutating func append(_ values: ContiguousArray<Float>) throws(TensorFileError) {
    let tensor = advance()
    guard let format = tensor.format, values.count == tensor.count else {
      preconditionFailure(
        "\(values.count) values for '\(tensor.name)', \(tensor.count) of type \(tensor.type)")
    }
    var bytes: [UInt8] = []
    let step = pieceSize / format.byteCount
    for start in stride(from: 0, to: values.count, by: step) {
      bytes.removeAll(keepingCapacity: true)
      let piece = values.span.extracting(start..<min(start + step, values.count))
      format.encode(piece, appendingTo: &bytes)
      try append(bytes)
    }
  }

  /// Moves the complete file to its path.
  ///
  /// - Precondition: Every tensor has been written.
  /// - Throws: `TensorFileError.unwritable`.
  public consuming func finish() throws(TensorFileError) {
    precondition(written == tensors.count, "\(written) of \(tensors.count) tensors")
    do {
      try file.commit()
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }

  private mutating func advance() -> StoredTensor {
    precondition(written < tensors.count, "a tensor more than \(tensors.count)")
    defer { written += 1 }
    return tensors[written]
  }

  private func append(_ bytes: [UInt8]) throws(TensorFileError) {
    do {
      try file.append(bytes)
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }
}
