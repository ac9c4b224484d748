// Random changes of training images.

import ZerORandomness

/// A random change of a training image, as people train networks on small images.
public enum ImageChange: String, CaseIterable, Sendable {
  /// A random part of the size of the image, after 4 zeros were added on each side.
  case crop
  /// Left and right exchanged for half of the images.
  case flip
}

/// The changes of the images of one epoch.
///
/// They are drawn from PyTorch's generator with a seed of its own, in the order of the batches: for each image the row and the column of
/// the part, each the remainder of a 32-bit draw divided by 9, and one draw whose lowest bit exchanges left and right. So a resumed run
/// draws the same changes. PyTorch's own transformations draw in the processes of its data loader, whose streams depend on their number.
public struct Augmentation: Sendable {
  /// The number of zeros on each side of which `crop` takes a part.
  public static let padding = 4

  /// The change of one image.
  struct Change: Hashable, Sendable {
    /// The row and column of the image at which the new one starts.
    var row = 0
    var column = 0

    /// Whether left and right are exchanged.
    var isMirrored = false
  }

  private let kinds: Set<ImageChange>
  private var generator: TorchGenerator

  /// Starts an epoch.
  ///
  /// - Parameters:
  ///   - kinds: The changes.
  ///   - seed: The seed of the run.
  ///   - epoch: The epoch.
  ///   - images: The number of images of this epoch whose changes were drawn before.
  public init(_ kinds: Set<ImageChange>, seed: UInt64, epoch: Int, after images: Int = 0) {
    self.kinds = kinds
    // Different epochs and seeds have different streams, and none that of the order of the batches.
    var seeds = NumPyGenerator(seed: seed ^ UInt64(epoch) << 32)
    generator = TorchGenerator(seed: seeds.nextUInt64())
    generator.skip(3 * images)
  }

  /// The changes of the next images.
  mutating func next(_ count: Int) -> [Change] {
    let places = UInt32(2 * Self.padding + 1)
    return (0..<count).map { _ in
      let draws = (generator.nextUInt32(), generator.nextUInt32(), generator.nextUInt32())
      var change = Change()
      if kinds.contains(.crop) {
        change.row = Int(draws.0 % places) - Self.padding
        change.column = Int(draws.1 % places) - Self.padding
      }
      change.isMirrored = kinds.contains(.flip) && draws.2 & 1 == 1
      return change
    }
  }
}
