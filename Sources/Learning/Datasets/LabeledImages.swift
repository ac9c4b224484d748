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

  /// The number of channels: 1 for gray images, 3 for colors.
  public let channels: Int

  /// The pixels, image after image, channel after channel, row after row, 0 … 255.
  public let pixels: ContiguousArray<UInt8>

  /// The class of each image.
  public let labels: ContiguousArray<UInt8>

  /// The number of values per image, which is the input dimension of a network.
  public var pixelCount: Int { size.reduce(channels, *) }

  /// Makes a set of images.
  ///
  /// - Parameters:
  ///   - size: Height and width.
  ///   - channels: The number of channels.
  ///   - pixels: channels · height · width bytes per image.
  ///   - labels: One class per image.
  /// - Throws: `DatasetError.wrongSize` if the size is not two positive dimensions; `.wrongPixelCount` if the numbers don't
  ///   match.
  public init(
    size: [Int], channels: Int = 1, pixels: ContiguousArray<UInt8>, labels: ContiguousArray<UInt8>
  ) throws(DatasetError) {
    guard size.count == 2, size.allSatisfy({ $0 > 0 }), (1...1 << 10).contains(channels) else {
      throw .wrongSize(size)
    }
    let (needed, overflows) = [size[0], size[1], labels.count].reduce((channels, false)) {
      let (product, overflows) = $0.0.multipliedReportingOverflow(by: $1)
      return (product, $0.1 || overflows)
    }
    guard !overflows, needed == pixels.count else {
      throw .wrongPixelCount(pixels: pixels.count, images: labels.count, size: size)
    }
    count = labels.count
    self.size = size
    self.channels = channels
    self.pixels = pixels
    self.labels = labels
  }

  /// Writes a batch of network inputs, features × samples.
  ///
  /// - Parameters:
  ///   - indices: The images, in the order of the columns.
  ///   - batch: pixelCount × indices.count, overwritten.
  ///   - conversion: What becomes of a pixel; by default p/255.
  ///   - augmentation: Draws a change of each image; `nil` for none.
  ///   - team: The threads that share the pixels.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func copyBatch<Scalar: MatrixScalar>(
    _ indices: ArraySlice<Int>, into batch: inout Matrix<Scalar>,
    by conversion: PixelConversion = PixelConversion(), _ augmentation: inout Augmentation?,
    _ team: ThreadTeam = .alone
  ) {
    require(
      indices.allSatisfy { $0 >= 0 && $0 < count },
      "images \(indices.min() ?? 0) to \(indices.max() ?? 0) of \(count)")
    require(
      batch.rows == pixelCount && batch.columns == indices.count
        && (conversion.means.isEmpty || conversion.means.count == channels),
      "\(indices.count) images of \(pixelCount) pixels into \(batch.rows) × \(batch.columns)")
    let (channels, height, width) = (channels, size[0], size[1])
    let area = height * width
    let isInterleaved = conversion.isInterleaved
    let tables: [ContiguousArray<Scalar>] = (0..<channels).map { conversion.table(channel: $0) }
    let starts = ContiguousArray(indices.map { $0 * pixelCount })
    let changes = ContiguousArray(augmentation?.next(indices.count) ?? [])
    let (source, first, changed) = (pixels.span, starts.span, changes.span)
    batch.writeRows(team) { block in
      block.withMutableElements { target in
        var position = 0
        for row in block.rows {
          let pixel = isInterleaved ? row % channels * area + row / channels : row
          let values = tables[pixel / area]
          let table = values.span
          var sample = 0
          guard changed.isEmpty else {
            let (line, column) = (pixel % area / width, pixel % width)
            while sample < first.count {
              let change = changed[sample]
              let y = line &+ change.row
              let x = change.column &+ (change.isMirrored ? width &- 1 &- column : column)
              let isInside = y >= 0 && y < height && x >= 0 && x < width
              let place = first[sample] &+ pixel / area &* area &+ y &* width &+ x
              target[position] = table[isInside ? Int(source[place]) : 0]
              position &+= 1
              sample &+= 1
            }
            continue
          }
          while sample < first.count {
            target[position] = table[Int(source[first[sample] &+ pixel])]
            position &+= 1
            sample &+= 1
          }
        }
      }
    }
  }

  /// Writes a batch of unchanged images; see `copyBatch(_:into:by:_:_:)`.
  public func copyBatch<Scalar: MatrixScalar>(
    _ indices: ArraySlice<Int>, into batch: inout Matrix<Scalar>,
    by conversion: PixelConversion = PixelConversion(), _ team: ThreadTeam = .alone
  ) {
    var none: Augmentation?
    copyBatch(indices, into: &batch, by: conversion, &none, team)
  }

  /// The first images of some classes, whose labels become their places in the list of classes.
  ///
  /// - Parameters:
  ///   - classes: The labels to keep, each once; `nil` for all.
  ///   - limit: The largest number of images; `nil` for all.
  /// - Returns: The images in their order.
  /// - Throws: `DatasetError`, but only if the images are damaged.
  func selected(classes: [UInt8]?, limit: Int?) throws(DatasetError) -> LabeledImages {
    let places = classes.map { classes in
      Dictionary(zip(classes, 0...UInt8.max), uniquingKeysWith: { first, _ in first })
    }
    let kept = (0..<count).filter { places?[labels[$0]] != nil || places == nil }
      .prefix(limit ?? count)
    var bytes = ContiguousArray<UInt8>()
    bytes.reserveCapacity(kept.count * pixelCount)
    for image in kept { bytes += pixels[image * pixelCount..<(image + 1) * pixelCount] }
    return try LabeledImages(
      size: size, channels: channels, pixels: bytes,
      labels: ContiguousArray(kept.map { places?[labels[$0]] ?? labels[$0] }))
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
