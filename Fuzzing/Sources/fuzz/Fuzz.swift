// Tests one reader of this package with inputs that libFuzzer generates, guided by code coverage.
//
//     FUZZ_TARGET=name fuzz [libFuzzer options] [input folders]
//
// libFuzzer provides the main function.

import Foundation

/// The reader that the environment variable FUZZ_TARGET names.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    let names = FuzzTarget.all.map(\.name).joined(separator: " ")
    FileHandle.standardError.write(
      Data("FUZZ_TARGET is '\(name)'; set it to one of: \(names)\n".utf8))
    exit(64)
  }
  return target
}()

/// The function that libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  unsafe target.read([UInt8](UnsafeBufferPointer(start: data, count: size)))
  return 0
}
