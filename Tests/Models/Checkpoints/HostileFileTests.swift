// Malformed files.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra

@Suite struct HostileFileTests {
  /// A safetensors file with any header and this many bytes of values.
  private func safetensors(_ header: String, values: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let header = Array(header.utf8)
    let length = length ?? UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header
      + [UInt8](repeating: 0, count: values)
  }

  private func entry(_ name: String, _ shape: String, _ start: Int, _ end: Int) -> String {
    #""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(start),\#(end)]}"#
  }

  @Test func `a valid file is read`() throws {
    let bytes = safetensors(
      "{\(entry("b", "[2,1]", 4, 12)),\(entry("a", "[]", 0, 4)),\(entry("c", "[0,5]", 12, 12)),"
        + #""__metadata__":{"format":"pt"}}   "#, values: 12)
    let file = try SafetensorsFile(bytes, path: "f")
    #expect(file.tensors.map(\.name) == ["a", "b", "c"] && file.metadata == ["format": "pt"])
    #expect(try file.tensors[1].named().shape == [2, 1])
  }

  @Test func `malformed safetensors files are rejected with the reason`() {
    let two = "[1],\"data_offsets\":[0,4]"
    let cases: [(bytes: [UInt8], reason: String)] = [
      ([], "0 bytes, fewer than 8"),
      (safetensors("{}", length: 3), "a header of 3 bytes"),
      (safetensors("{}", length: .max), "a header of 18446744073709551615 bytes"),
      (safetensors(""), "not a JSON object"), (safetensors("[]"), "not a JSON object"),
      ([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff], "not a JSON object in UTF-8"),
      (safetensors("{"), "an unexpected structure"),
      (safetensors(#"{"a":1}"#), "an unexpected structure at 'a'"),
      (safetensors(#"{"b":{"dtype":"F32","shape":[1]}}"#), "an unexpected structure at 'b'"),
      (Array("Hello, this is no model.".utf8), "; is it a text file?)"),
      (NPYFile.encode(shape: [1], values: [1]), "; is it an NPY file?)"),
      (
        safetensors(#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#, values: 1),
        "'a' does not fill whole bytes: type F4, shape [3]"
      ),
      (safetensors(#"{"a":{"b":"c"}}"#), "'a' is not a tensor"),
      (safetensors("{\(entry("__metadata__", "[1]", 0, 4))}", values: 4), "is a tensor"),
      (
        safetensors("{" + String(repeating: #""a":{"#, count: 100_000)), "an unexpected structure"
      ),
      (
        safetensors("{\(entry("a", "[1]", 0, 4)),\(entry("a", "[1]", 4, 8))}", values: 8),
        "'a' occurs twice"
      ),
      (
        safetensors(#"{\#(entry("a", "[0]", 0, 0)),\#(entry("\\u0061", "[0]", 0, 0))}"#),
        "'a' occurs twice"
      ),
      (
        safetensors(#"{"a":{"dtype":"F32","dtype":"F32","shape":\#(two)}}"#, values: 4),
        "'dtype' occurs twice"
      ),
      (safetensors("{\(entry("a", "[1]", 0, 4))}", values: 3), "outside the file"),
      (safetensors("{\(entry("a", "[1]", 4, 0))}", values: 4), "outside the file"),
      (safetensors("{\(entry("a", "[1]", -4, 0))}", values: 4), "outside the file"),
      (safetensors("{\(entry("a", "[2]", 0, 4))}", values: 4), "has 4 bytes instead of 8"),
      (
        safetensors("{\(entry("a", "[-1]", 0, 4))}", values: 4),
        "'a' has a negative dimension in shape [-1]"
      ),
      (
        safetensors("{\(entry("a", "[4294967296,4294967296]", 0, 4))}", values: 4),
        "'a' has the shape [4294967296, 4294967296], which is too large"
      ),
      (
        safetensors("{\(entry("a", "[99999999999999999999]", 0, 4))}", values: 4),
        "an unexpected structure"
      ),
      (
        safetensors(#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, values: 4),
        "'a' has the unknown type 'F33'"
      ),
      (
        safetensors("{\(entry("a", "[1]", 0, 4)),\(entry("b", "[1]", 0, 4))}", values: 4),
        "(an overlap before 'b'"
      ),
      (
        safetensors("{\(entry("a", "[1]", 0, 4)),\(entry("b", "[1]", 8, 12))}", values: 12),
        "a gap before 'b'"
      ),
      (safetensors("{\(entry("a", "[1]", 0, 4))}", values: 5), "1 bytes that belong to no tensor"),
    ]
    for (bytes, reason) in cases {
      #expect {
        _ = try SafetensorsFile(bytes, path: "f")
      } throws: { error in
        let text = (error as? TensorFileError)?.description ?? ""
        return text.hasPrefix("f: not a valid safetensors file") && text.contains(reason)
      }
    }
  }

  @Test func `integer tensors are reported, not misread`() throws {
    let header = #"{"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}"#
    let file = try SafetensorsFile(safetensors(header, values: 4), path: "f")
    #expect(throws: TensorFileError.unsupported(path: "f", tensor: "a", type: "I16")) {
      try file.tensors[0].named()
    }
  }

  /// An NPY file with any header.
  private func npy(_ header: String, values: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(header.utf8.count >> (8 * $0) & 0xff) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + values
  }

  @Test func `arrays of any shape are read, row-major or column-major`() throws {
    let values = (0..<6).flatMap { [UInt8](repeating: 0, count: 3) + [UInt8($0)] }
    func tiny(_ numbers: [Int]) -> ContiguousArray<Float> {
      ContiguousArray(numbers.map { Float(bitPattern: UInt32($0) << 24) })
    }
    let rowMajor = try NPYFile.decode(
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", values: values), path: "f")
    #expect(rowMajor.shape == [2, 3] && rowMajor.values == tiny([0, 1, 2, 3, 4, 5]))
    let columnMajor = try NPYFile.decode(
      npy("{'shape': (2, 3), 'descr': '<f4', 'fortran_order': True}", values: values, version: 2),
      path: "f")
    #expect(columnMajor.shape == [2, 3] && columnMajor.values == tiny([0, 2, 4, 1, 3, 5]))
    let vector = try NPYFile.decode(
      npy("{'descr': '<f4', 'fortran_order': True, 'shape': (6,)}", values: values), path: "f")
    #expect(vector.shape == [6] && vector.values == tiny([0, 1, 2, 3, 4, 5]))
    let matrix = Matrix<Float>(rows: 3, columns: 2, elements: [1, 2, 3, 4, 5, 6])
    let again = try NPYFile.decode(NPYFile.encode(matrix), path: "f")
    #expect(again.shape == [3, 2] && again.values == matrix.elements)
  }

  @Test func `a header above the format's limit is rejected, and the error states the limit`()
    throws
  {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      try Data([1, 0xe1, 0xf5, 5, 0, 0, 0, 0]).write(to: url)
      // A sparse file of zeros.
      let file = try FileHandle(forWritingTo: url)
      try file.truncate(atOffset: 100_000_100)
      try file.close()
      #expect {
        _ = try SafetensorsFile(path: url.path)
      } throws: {
        ($0 as? TensorFileError)?.description.contains(
          "a header of 100000001 bytes, more than the format's limit of 100000000") == true
      }
    }
    let long = "{'descr': '<f4', 'fortran_order': False, 'shape': ()}"
    #expect {
      _ = try NPYFile.decode(
        npy(long + String(repeating: " ", count: 20_000), values: [0, 0, 0, 0]), path: "f")
    } throws: {
      ($0 as? TensorFileError)?.description.contains("more than NumPy's limit of 10000") == true
    }
  }

  @Test(arguments: [
    (">f4", [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0]), (">f2", [0x3e, 0, 0xc0, 0]),
    (">f8", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0]),
    ("|V2", [0xc0, 0x3f, 0, 0xc0]), ("<V2", [0xc0, 0x3f, 0, 0xc0]), ("<f1", [0x3e, 0xc0]),
  ])
  func `numbers are read in the byte orders and types that NumPy writes`(
    type: String, bytes: [UInt8]
  ) throws {
    let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (2,), }"
    #expect(try NPYFile.decode(npy(header, values: bytes), path: "f").values == [1.5, -2])
  }

  @Test func `malformed NPY files are rejected`() {
    let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
    let cases: [[UInt8]] = [
      [], [0x93], npy(good, values: [0, 0, 0]), npy(good, values: [0, 0, 0, 0, 0]),
      Array(npy(good).prefix(30)), npy(good, values: [0, 0, 0, 0], version: 9), npy(""),
      npy("{'descr': '<f4'}"), npy(good.replacing("(1,)", with: "(1")),
      npy(good.replacing("(1,)", with: "(-1,)")),
      npy(good.replacing("(1,)", with: "(4294967296, 4294967296, 16)")),
      npy(good.replacing("(1,)", with: "(99999999999999999999,)")),
      npy(good + String(repeating: " ", count: 20_000), values: [0, 0, 0, 0]),
      npy(good.replacing("False", with: "open('f')"), values: [0, 0, 0, 0]),
      npy(good.replacing("'<f4'", with: "[('a', '<f4')"), values: [0, 0, 0, 0]),
      npy(good.replacing("'<f4'", with: "[('a', '<f4'])"), values: [0, 0, 0, 0]),
      npy(good.replacing("'<f4'", with: "('a', '<f4')"), values: [0, 0, 0, 0]),
      npy(good.replacing("'<f4'", with: "'<f4"), values: [0, 0, 0, 0]),
    ]
    for bytes in cases {
      #expect {
        _ = try NPYFile.decode(bytes, path: "f")
      } throws: { error in
        (error as? TensorFileError)?.description.hasPrefix("f: not a valid NPY file") == true
      }
    }
    #expect(throws: TensorFileError.unsupported(path: "f", tensor: "array", type: "|O")) {
      try NPYFile.decode(npy(good.replacing("<f4", with: "|O")), path: "f")
    }
  }
}
