// Encoded files, byte by byte.

import Foundation
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra

@Suite struct FileFormatTests {
  private let matrix = Matrix<Float>(rows: 2, columns: 3, elements: [1, -2, 0.5, 0, 3, 1e-3])

  private func littleEndian(_ values: some Sequence<Float>) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 0xff) } }
  }

  @Test func `an NPY file has NumPy's header, padded to 64 bytes`() {
    let bytes = NPYFile.encode(matrix)
    #expect(bytes.prefix(8) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
    let length = Int(bytes[8]) | Int(bytes[9]) << 8
    #expect((10 + length).isMultiple(of: 64))
    let header = String(decoding: bytes[10..<10 + length], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"))
    #expect(header.hasSuffix("\n"))
    #expect(Array(bytes[(10 + length)...]) == littleEndian(matrix.elements))
  }

  @Test(arguments: [([2, 1, 3], "(2, 1, 3)"), ([6], "(6,)"), ([1, 2, 3, 1], "(1, 2, 3, 1)")])
  func `an NPY file stores any number of dimensions as a Python tuple`(shape: [Int], tuple: String)
  {
    let bytes = NPYFile.encode(shape: shape, values: matrix.elements)
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': \(tuple), }"))
    #expect(Array(bytes[128...]) == littleEndian(matrix.elements))
  }

  @Test func `a safetensors file has sorted keys, padding and contiguous offsets`() throws {
    let bytes = try Safetensors.encode([
      NamedTensor(name: "l1.weight", matrix: matrix), NamedTensor(name: "l1.bias", vector: [7, 8]),
    ])
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    #expect(length.isMultiple(of: 8))
    let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    #expect(
      header.trimmingCharacters(in: .whitespaces) == """
        {"l1.bias":{"data_offsets":[0,8],"dtype":"F32","shape":[2]},\
        "l1.weight":{"data_offsets":[8,32],"dtype":"F32","shape":[2,3]}}
        """)
    #expect(Array(bytes[(8 + length)...]) == littleEndian([7, 8] + matrix.elements))
  }

  @Test func `empty tensors can be encoded`() throws {
    let empty = Matrix<Float>(repeating: 0, rows: 0, columns: 4)
    #expect(NPYFile.encode(empty).count.isMultiple(of: 64))
    #expect(try Safetensors.encode([]).count == 16)
  }
}
