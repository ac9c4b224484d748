// A reader of this package against inputs that libFuzzer invents, guided by the branches that they reach.
//
//     FUZZ_TARGET=name fuzz [libFuzzer's options] [folders of inputs]
//
// libFuzzer brings the program's main function.

import Foundation

/// The reader that the environment names.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    let names = FuzzTarget.all.map(\.name).joined(separator: " ")
    FileHandle.standardError.write(Data("FUZZ_TARGET is '\(name)'; name one of: \(names)\n".utf8))
    exit(64)
  }
  return target
}()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  unsafe target.read([UInt8](UnsafeBufferPointer(start: data, count: size)))
  return 0
}
