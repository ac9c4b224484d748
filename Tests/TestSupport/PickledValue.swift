/// A value to be pickled, for files of PyTorch that a test makes without PyTorch.
package indirect enum PickledValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case none
  case bool(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case tuple([PickledValue])
  case list([PickledValue])
  case dictionary([(String, PickledValue)])

  /// A name of Python code, such as `torch.FloatStorage`.
  case global(module: String, name: String)

  /// A call of Python code with arguments.
  case call(PickledValue, [PickledValue])

  /// An object without arguments, and its state.
  case object(PickledValue, state: PickledValue)

  /// A value outside of the pickle.
  case persistent(PickledValue)

  /// Opcodes that leave one value on the stack.
  case opcodes([UInt8])

  /// A text.
  package init(stringLiteral value: String) { self = .text(value) }
  /// An integer.
  package init(integerLiteral value: Int) { self = .integer(value) }

  /// The opcodes of the value, of protocol 2.
  package var opcodes: [UInt8] {
    switch self {
    case .none: [0x4e]
    case .bool(let value): [value ? 0x88 : 0x89]
    case .integer(let value):
      (0..<(1 << 31)).contains(value)
        ? [0x4a] + littleEndian(value, 4) : [0x8a, 8] + littleEndian(value, 8)
    case .real(let value):
      [0x47] + littleEndian(Int(bitPattern: UInt(value.bitPattern)), 8).reversed()
    case .text(let value): [0x58] + littleEndian(value.utf8.count, 4) + Array(value.utf8)
    case .tuple(let items): [0x28] + items.flatMap(\.opcodes) + [0x74]
    case .list(let items): [0x5d, 0x28] + items.flatMap(\.opcodes) + [0x65]
    case .dictionary(let entries):
      [0x7d, 0x28] + entries.flatMap { PickledValue.text($0.0).opcodes + $0.1.opcodes } + [0x75]
    case .global(let module, let name): Array("c\(module)\n\(name)\n".utf8)
    case .call(let function, let arguments):
      function.opcodes + PickledValue.tuple(arguments).opcodes + [0x52]
    case .object(let type, let state): type.opcodes + [0x29, 0x81] + state.opcodes + [0x62]
    case .persistent(let name): name.opcodes + [0x51]
    case .opcodes(let bytes): bytes
    }
  }

  /// A complete pickle of protocol 2.
  package var pickle: [UInt8] { [0x80, 2] + opcodes + [0x2e] }
}

extension PickledValue {
  /// A storage, as `torch.save` names it.
  ///
  /// - Parameters:
  ///   - key: The name of its member in the archive.
  ///   - type: The class without `Storage`, such as `Float`.
  ///   - count: The number of values.
  /// - Returns: The identifier of the storage.
  package static func storage(_ key: String, _ type: String = "Float", count: Int) -> PickledValue {
    let module = type == "Untyped" ? "torch.storage" : "torch"
    return .persistent(
      .tuple([
        "storage", .global(module: module, name: type + "Storage"), .text(key), "cpu",
        .integer(count),
      ]))
  }

  /// A tensor, as `torch.save` describes it.
  ///
  /// - Parameters:
  ///   - storage: The storage.
  ///   - offset: The first value.
  ///   - shape: The dimensions.
  ///   - strides: The distances of values; by default those of contiguous values.
  /// - Returns: The call that rebuilds the tensor.
  package static func tensor(
    _ storage: PickledValue, offset: Int = 0, _ shape: [Int], strides: [Int]? = nil
  ) -> PickledValue {
    let contiguous = shape.indices.map { shape[($0 + 1)...].reduce(1, &*) }
    return .call(
      .global(module: "torch._utils", name: "_rebuild_tensor_v2"),
      [
        storage, .integer(offset), .tuple(shape.map { .integer($0) }),
        .tuple((strides ?? contiguous).map { .integer($0) }), .bool(false),
        .call(.global(module: "collections", name: "OrderedDict"), []),
      ])
  }

  /// A tensor of single precision that fills a storage.
  package static func tensor(_ key: String, _ shape: [Int]) -> PickledValue {
    .tensor(.storage(key, count: shape.reduce(1, *)), shape)
  }
}

/// The lowest bytes of a number, the least significant one first.
package func littleEndian(_ number: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

/// Values in single precision as bytes.
package func bytes(of values: [Float]) -> [UInt8] {
  values.flatMap { littleEndian(Int($0.bitPattern), 4) }
}
