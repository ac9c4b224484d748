// How many bytes a tensor has, as its line of the header says.

/// Why a line of a header is no tensor's.
struct ImpossibleTensor: Error {
  /// What it has, in a few words.
  let reason: String
}

extension Safetensors.Entry {
  /// The bits of a value of each type that the format has.
  private static let bits = [
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
    "F8_E5M2FNUZ": 8, "F8_E4M3FNUZ": 8, "F8_E8M0": 8, "U16": 16, "I16": 16, "F16": 16,
    "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
  ]

  /// The bytes that the tensor needs.
  ///
  /// - Throws: `ImpossibleTensor` for an unknown type, a negative extent, more than can be counted, or a part of a
  ///   byte.
  func byteCount() throws(ImpossibleTensor) -> Int {
    guard var size = Self.bits[dtype] else {
      throw ImpossibleTensor(reason: "has the unknown type '\(dtype)'")
    }
    for extent in shape {
      guard extent >= 0 else {
        throw ImpossibleTensor(reason: "has a negative extent in its shape \(shape)")
      }
      let (product, overflows) = size.multipliedReportingOverflow(by: extent)
      guard !overflows else {
        throw ImpossibleTensor(reason: "has more bytes than can be, of the shape \(shape)")
      }
      size = product
    }
    // Types of less than a byte fill whole bytes together, or the file is not sound.
    guard size.isMultiple(of: 8) else {
      throw ImpossibleTensor(reason: "of type \(dtype) fills no whole bytes, of the shape \(shape)")
    }
    return size / 8
  }
}
