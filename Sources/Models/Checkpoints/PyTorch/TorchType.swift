/// The type of the values of a PyTorch tensor.
struct TorchType: Equatable {
  /// The name in the safetensors format where it has one, such as `F32`; else PyTorch's.
  let name: String

  /// Bytes per value.
  let byteCount: Int

  /// The floating-point format; `nil` if the values can't be read.
  var format: FloatFormat? { FloatFormat(rawValue: name) }

  /// The types by their names in PyTorch, without `torch.`, and their classes of storages.
  private static let all: [(type: String, storage: String, name: String, byteCount: Int)] = [
    ("float64", "Double", "F64", 8), ("float32", "Float", "F32", 4), ("float16", "Half", "F16", 2),
    ("bfloat16", "BFloat16", "BF16", 2), ("float8_e5m2", "", "F8_E5M2", 1),
    ("float8_e4m3fn", "", "F8_E4M3", 1), ("float8_e5m2fnuz", "", "F8_E5M2FNUZ", 1),
    ("float8_e4m3fnuz", "", "F8_E4M3FNUZ", 1), ("float8_e8m0fnu", "", "F8_E8M0", 1),
    ("float4_e2m1fn_x2", "", "float4_e2m1fn_x2", 1), ("int64", "Long", "I64", 8),
    ("int32", "Int", "I32", 4), ("int16", "Short", "I16", 2), ("int8", "Char", "I8", 1),
    ("uint64", "", "U64", 8), ("uint32", "", "U32", 4), ("uint16", "", "U16", 2),
    ("uint8", "Byte", "U8", 1), ("bool", "Bool", "BOOL", 1), ("complex32", "", "complex32", 4),
    ("complex64", "ComplexFloat", "C64", 8), ("complex128", "ComplexDouble", "complex128", 16),
    ("quint8", "QUInt8", "quint8", 1), ("qint8", "QInt8", "qint8", 1),
    ("qint32", "QInt32", "qint32", 4), ("quint4x2", "QUInt4x2", "quint4x2", 1),
    ("quint2x4", "QUInt2x4", "quint2x4", 1),
  ]

  private static let types = Dictionary(
    all.map { ($0.type, TorchType(name: $0.name, byteCount: $0.byteCount)) }
  ) { first, _ in first }

  private static let storages = Dictionary(
    all.map { ($0.storage, TorchType(name: $0.name, byteCount: $0.byteCount)) }
  ) { first, _ in first }

  /// PyTorch's names of a type, without `torch.`; `nil` for a type that it lacks.
  ///
  /// - Parameter name: The name in a file, such as `F32`.
  /// - Returns: The type, such as `float32`, and the class of its storages, such as `FloatStorage`,
  ///   which is `nil` for newer types, whose storages are bytes.
  static func names(of name: String) -> (type: String, storage: String?)? {
    all.first { $0.name == name }.map {
      ($0.type, $0.storage.isEmpty ? nil : $0.storage + "Storage")
    }
  }

  /// The type with a global name, such as `torch.float8_e4m3fn`.
  static func named(_ global: String) -> TorchType? {
    global.hasPrefix("torch.") ? types[String(global.dropFirst(6))] : nil
  }

  /// The type of a class of storages, such as `torch.FloatStorage` or `torch.cuda.HalfStorage`.
  ///
  /// An untyped storage counts bytes.
  static func ofStorage(_ global: String) -> TorchType? {
    guard global.hasPrefix("torch."), global.hasSuffix("Storage"),
      let name = global.split(separator: ".").last?.dropLast(7), !name.isEmpty
    else { return nil }
    return name == "Untyped" ? types["uint8"] : storages[String(name)]
  }
}
