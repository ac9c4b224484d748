// Random images, small enough for training in double precision.

import Foundation
import TestSupport
import ZerODatasets

/// 200 random images of 12 pixels in four classes; one pixel is 0 in all training images.
func noise() throws -> Dataset {
  var state: UInt32 = 1
  func next(below limit: Int) -> UInt8 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(Int(state >> 8) % limit)
  }
  return try withTemporaryFolder { folder in
    for (prefix, count) in [("train", 200), ("t10k", 8)] {
      let pixels = (0..<count * 12).map { $0 % 12 == 5 && prefix == "train" ? 0 : next(below: 256) }
      try Data(idxFile(dimensions: [count, 3, 4], values: pixels))
        .write(to: folder.appendingPathComponent("\(prefix)-images-idx3-ubyte"))
      let labels = (0..<count).map { $0 < 4 ? UInt8($0) : next(below: 4) }
      try Data(idxFile(dimensions: [count], values: labels))
        .write(to: folder.appendingPathComponent("\(prefix)-labels-idx1-ubyte"))
    }
    return try Dataset(folder: folder, name: "noise")
  }
}
