// Images with their classes: what is trained on, or tested on.

public import LinearAlgebra
public import Parallelism

/// Images of one size, each with the class it shows.
///
/// Pixels stay bytes until a batch is made; the whole of MNIST takes 55 MB.
public struct LabeledImages: Sendable {
  /// The number of images.
  public let count: Int

  /// Height and width, in pixels.
  public let size: [Int]

  /// The pixels, image after image, row after row, 0 … 255.
  public let pixels: ContiguousArray<UInt8>

  /// The class of each image.
  public let labels: ContiguousArray<UInt8>

  /// The number of pixels of an image, the input dimension of a network.
  public var pixelCount: Int { size.reduce(1, *) }

  /// Makes a set from its parts.
  ///
  /// - Parameters:
  ///   - size: Height and width.
  ///   - pixels: height · width bytes for each image.
  ///   - labels: One class an image.
  public init(size: [Int], pixels: ContiguousArray<UInt8>, labels: ContiguousArray<UInt8>) {
    precondition(
      pixels.count == labels.count * size.reduce(1, *),
      "\(pixels.count) pixels for \(labels.count) images of \(size)")
    count = labels.count
    self.size = size
    self.pixels = pixels
    self.labels = labels
  }

  /// Writes a batch as a network reads it: features × samples, each value pixel/255.
  ///
  /// - Parameters:
  ///   - indices: Which images, in the order of the columns.
  ///   - batch: pixelCount × indices.count, overwritten.
  ///   - team: Shares the pixels.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func copyBatch<Scalar: MatrixScalar>(
    _ indices: ArraySlice<Int>, into batch: inout Matrix<Scalar>, _ team: ThreadTeam = .alone
  ) {
    precondition(
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

  /// The classes of a batch.
  ///
  /// - Parameter indices: Which images, in the order of the columns.
  /// - Returns: One class an image.
  public func labels(of indices: ArraySlice<Int>) -> ContiguousArray<UInt8> {
    ContiguousArray(indices.map { labels[$0] })
  }
}
