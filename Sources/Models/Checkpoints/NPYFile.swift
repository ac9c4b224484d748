// NumPy's format for one array.

public import LinearAlgebra

/// Matrices as `numpy.load` reads them.
///
/// ```
/// 0x93 "NUMPY" 1 0 | header length, 16 bits | header, padded to 64 bytes, "\n" | values
/// ```
///
/// Values are little-endian 32-bit floats in row-major order.
///
/// Reference: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
public enum NPYFile {
  /// The file that holds a matrix.
  ///
  /// - Parameter matrix: m × n; either extent may be 0.
  /// - Returns: The file's bytes.
  public static func encode(_ matrix: Matrix<Float>) -> [UInt8] {
    encode(shape: [matrix.rows, matrix.columns], values: matrix.elements)
  }

  /// The file that holds an array of any number of axes.
  ///
  /// - Parameters:
  ///   - shape: The extents, slowest first; any may be 0.
  ///   - values: As many as the product of the extents, row-major.
  /// - Returns: The file's bytes.
  public static func encode(shape: [Int], values: ContiguousArray<Float>) -> [UInt8] {
    precondition(
      shape.reduce(1, *) == values.count, "\(values.count) values in an array of \(shape)")
    // A Python tuple: of one element it is written with a comma.
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    let prefixLength = 10
    let unpadded = prefixLength + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [UInt8(length & 0xff), UInt8(length >> 8)]
    bytes += Array(header.utf8)
    FloatFormat.float32.encode(values.span, appendingTo: &bytes)
    return bytes
  }
}
