public import ZerOLinearAlgebra
public import ZerOParallelism
import ZerORequirements

/// Images of one size, each with the label of its class.
///
/// Pixels are stored as bytes; a batch converts them. MNIST needs 55 MB.
public struct LabeledImages: Sendable {
  /// The number of images.
  public let count: Int

  /// Height and width, in pixels.
  public let size: [Int]

  /// The pixels, image after image, row after row, 0 … 255.
  public let pixels: ContiguousArray<UInt8>

  /// The class of each image.
  public let labels: ContiguousArray<UInt8>

  /// The number of pixels per image, which is the input dimension of a network.
  public var pixelCount: Int { size.reduce(1, *) }

  /// Makes a set of images.
  ///
  /// - Parameters:
  ///   - size: Height and width.
  ///   - pixels: height · width bytes per image.
  ///   - labels: One class per image.
  /// - Throws: `DatasetError.wrongSize` if the size is not two positive dimensions; `.wrongPixelCount` if the numbers don't
  ///   match.
  public init(size: [Int], pixels: ContiguousArray<UInt8>, labels: ContiguousArray<UInt8>)
    throws(DatasetError)
  {
    guard size.count == 2, size.allSatisfy({ $0 > 0 }) else { throw .wrongSize(size) }
    let (area, isTooLarge) = size[0].multipliedReportingOverflow(by: size[1])
    let (needed, overflows) = area.multipliedReportingOverflow(by: labels.count)
    guard !isTooLarge, !overflows, needed == pixels.count else {
      throw .wrongPixelCount(pixels: pixels.count, images: labels.count, size: size)
    }
    count = labels.count
    self.size = size
    self.pixels = pixels
    self.labels = labels
  }

  /// Writes a batch of network inputs: features × samples, each value pixel/255.
  ///
  /// - Parameters:
  ///   - indices: The images, in the order of the columns.
  ///   - batch: pixelCount × indices.count, overwritten.
  ///   - team: The threads that share the pixels.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func copyBatch<Scalar: MatrixScalar>(
    _ indices: ArraySlice<Int>, into batch: inout Matrix<Scalar>, _ team: ThreadTeam = .alone
  ) {
    require(
      indices.allSatisfy { $0 >= 0 && $0 < count },
      "images \(indices.min() ?? 0) to \(indices.max() ?? 0) of \(count)")
    require(
      batch.rows == pixelCount && batch.columns == indices.count,
      "\(indices.count) images of \(pixelCount) pixels into \(batch.rows) × \(batch.columns)")
    let values = ContiguousArray((0..<256).map { Scalar($0) / 255 })
    let starts = ContiguousArray(indices.map { $0 * pixelCount })
    let (source, table, first) = (pixels.span, values.span, starts.span)
    batch.writeRows(team) { block in
      block.withMutableElements { target in
        var position = 0
        for pixel in block.rows {
          var sample = 0
          while sample < first.count {
            target[position] = table[Int(source[first[sample] &+ pixel])]
            position &+= 1
            sample &+= 1
          }
        }
      }
    }
  }

  /// Returns the classes of a batch.
  ///
  /// - Parameter indices: The images, in the order of the columns.
  /// - Returns: One class per image.
  public func labels(of indices: ArraySlice<Int>) -> ContiguousArray<UInt8> {
    ContiguousArray(indices.map { labels[$0] })
  }

  /// Whether each pixel is nonzero in at least one image.
  ///
  /// - Complexity: O(images · pixels).
  public var nonzeroInputs: [Bool] {
    var seen = [UInt8](repeating: 0, count: pixelCount)
    let all = pixels.span
    for image in 0..<count {
      let start = image &* seen.count
      var pixel = 0
      while pixel < seen.count {
        seen[pixel] |= all[start &+ pixel]
        pixel &+= 1
      }
    }
    return seen.map { $0 != 0 }
  }
}
