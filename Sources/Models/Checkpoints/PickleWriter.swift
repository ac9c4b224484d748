// Encodes the part of Python's pickle format that a dictionary of tensors needs.

/// The bytes of a pickle, protocol 2, written operation by operation.
///
/// Reference: CPython, "Lib/pickletools.py", which describes every operation.
struct PickleWriter {
  /// The bytes so far.
  private(set) var bytes: [UInt8] = [0x80, 2]

  /// Pushes a function or class by its module and name, which must contain no line break.
  mutating func global(_ module: String, _ name: String) {
    bytes += Array("c\(module)\n\(name)\n".utf8)
  }

  /// Pushes a text.
  mutating func text(_ text: String) {
    bytes.append(UInt8(ascii: "X"))
    bytes.append(littleEndian: UInt32(text.utf8.count))
    bytes += Array(text.utf8)
  }

  /// Pushes a number that is not negative, in the shortest form.
  mutating func number(_ number: Int) {
    switch number {
    case 0..<1 << 8: bytes += [UInt8(ascii: "K"), UInt8(number)]
    case 0..<1 << 16:
      bytes.append(UInt8(ascii: "M"))
      bytes.append(littleEndian: UInt16(number))
    case 0..<1 << 31:
      bytes.append(UInt8(ascii: "J"))
      bytes.append(littleEndian: UInt32(number))
    default:
      bytes += [0x8a, 8]
      bytes.append(littleEndian: UInt64(number))
    }
  }

  /// Pushes `False`.
  mutating func no() { bytes.append(0x89) }

  /// Pushes a tuple of the values that `contents` pushes.
  mutating func tuple(_ contents: (inout PickleWriter) -> Void) {
    bytes.append(UInt8(ascii: "("))
    contents(&self)
    bytes.append(UInt8(ascii: "t"))
  }

  /// Pushes a tuple of numbers.
  mutating func tuple(_ numbers: [Int]) {
    tuple { writer in for number in numbers { writer.number(number) } }
  }

  /// Replaces a tuple by the object outside of the pickle that it names.
  mutating func persistentObject() { bytes.append(UInt8(ascii: "Q")) }

  /// Replaces a function and a tuple of arguments by the result.
  mutating func call() { bytes.append(UInt8(ascii: "R")) }

  /// Pushes an empty ordered dictionary.
  mutating func orderedDictionary() {
    global("collections", "OrderedDict")
    tuple([])
    call()
  }

  /// Adds the keys and values that `contents` pushes to the dictionary below them.
  mutating func items(_ contents: (inout PickleWriter) -> Void) {
    bytes.append(UInt8(ascii: "("))
    contents(&self)
    bytes.append(UInt8(ascii: "u"))
  }

  /// Ends the pickle; its value is the only one on the stack.
  mutating func stop() { bytes.append(UInt8(ascii: ".")) }
}
