// Small data sets in the IDX format, generated for tests.

package import Foundation

/// The contents of an IDX file of unsigned bytes.
package func idxFile(dimensions: [Int], values: [UInt8]) -> [UInt8] {
  let sizes = dimensions.flatMap { size in
    [24, 16, 8, 0].map { UInt8(size >> $0 & 0xff) }
  }
  return [0, 0, 8, UInt8(dimensions.count)] + sizes + values
}

/// Writes a data set of small images that a network can learn.
///
/// The pixels whose index is congruent to the label modulo the number of classes are bright; the others are dark and
/// follow a fixed pattern.
///
/// - Parameters:
///   - folder: The folder for the four files.
///   - train: The number of training images.
///   - test: The number of test images.
///   - size: Height and width.
///   - classes: The number of classes.
/// - Throws: The error of writing a file.
package func writeSmallDataset(
  to folder: URL, train: Int = 96, test: Int = 20, size: [Int] = [3, 4], classes: Int = 5
) throws {
  for (prefix, count) in [("train", train), ("t10k", test)] {
    let labels = (0..<count).map { UInt8($0 % classes) }
    let pixelCount = size.reduce(1, *)
    let pixels = labels.enumerated().flatMap { index, label in
      (0..<pixelCount).map { pixel in
        pixel % classes == Int(label) ? UInt8(200 + index % 50) : UInt8((7 * index + pixel) % 40)
      }
    }
    try Data(idxFile(dimensions: [count] + size, values: pixels))
      .write(to: folder.appendingPathComponent("\(prefix)-images-idx3-ubyte"))
    try Data(idxFile(dimensions: [count], values: labels))
      .write(to: folder.appendingPathComponent("\(prefix)-labels-idx1-ubyte"))
  }
}
