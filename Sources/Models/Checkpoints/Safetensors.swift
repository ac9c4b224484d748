// The safetensors format: named tensors that can be loaded without running anything.

/// Tensors as `safetensors` reads them in any framework.
///
/// ```
/// header length, 64 bits little-endian | JSON header, padded to 8 bytes | values
/// ```
///
/// Tensors stand in the order of their names, in the header too, after the texts about the file: so equal tensors
/// make equal files.
///
/// Reference: Hugging Face, "Safetensors", format description.
public enum Safetensors {
  /// The file that holds some tensors.
  ///
  /// - Parameters:
  ///   - tensors: With names of their own, none of them `__metadata__`.
  ///   - metadata: Texts about the file.
  /// - Returns: The file's bytes.
  /// - Throws: What encoding the header throws; nothing, for names that are text.
  public static func encode(_ tensors: [NamedTensor], metadata: [String: String] = [:]) throws
    -> [UInt8]
  {
    precondition(
      Set(tensors.map(\.name) + [metadataKey]).count == tensors.count + 1,
      "tensors of equal names among \(tensors.map(\.name))")
    let sorted = tensors.sorted { $0.name < $1.name }
    let format = FloatFormat.float32
    let lines = sorted.map {
      (
        name: $0.name, type: format.rawValue, shape: $0.shape,
        byteCount: format.byteCount * $0.values.count
      )
    }
    var bytes = try header(lines, metadata: metadata)
    bytes.reserveCapacity(bytes.count + lines.reduce(0) { $0 + $1.byteCount })
    for tensor in sorted { format.encode(tensor.values.span, appendingTo: &bytes) }
    return bytes
  }
}
