// Hostile files of PyTorch in memory, and what reading them must give.

import Foundation
import TestSupport
import Testing

@testable import ZerOCheckpoints

/// Functions that suites of attacks share.
protocol TorchFileAttack {}

extension TorchFileAttack {
  /// Opens a file and reads all tensors.
  func read(_ bytes: [UInt8], name: String = "m.pt") throws -> [ContiguousArray<Float>] {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent(name)
      try Data(bytes).write(to: url)
      return try TensorArchive(url.path).tensors.map { try $0.named().values }
    }
  }

  func expectRefusal(
    _ bytes: [UInt8], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(sourceLocation: sourceLocation) {
      _ = try read(bytes)
    } throws: { error in
      let text = (error as? TensorFileError)?.description ?? "\(error)"
      return text.contains(reason)
    }
  }

  /// A file with a pickle and one storage of four values.
  func file(_ pickle: [UInt8]) -> ZipBuilder {
    ZipBuilder(pickle: pickle, storages: [("0", bytes(of: [1, 2, 3, 4]))])
  }

  func file(_ value: PickledValue) -> ZipBuilder { file(value.pickle) }

  var weight: PickledValue { .tensor("0", [2, 2]) }
}

/// A file of PyTorch before version 1.6.
struct LegacyFile {
  let bytes: [UInt8]

  init(_ value: PickledValue, storages: [(key: String, count: Int, bytes: [UInt8])]) {
    let magic: [UInt8] = [
      0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]
    bytes =
      magic + PickledValue.integer(1001).pickle + PickledValue.dictionary([]).pickle + value.pickle
      + PickledValue.list(storages.map { .text($0.key) }).pickle
      + storages.flatMap { littleEndian($0.count, 8) + $0.bytes }
  }
}
