// The order of the dimensions of images in an array, and its conversion.

/// The order of the dimensions of images in an array.
enum ImageLayout: Equatable {
  /// Images × height × width.
  case gray

  /// Images × channels × height × width, as in PyTorch.
  case channelsFirst

  /// Images × height × width × channels, as in TensorFlow and Keras.
  case channelsLast

  /// Determines the order: of the second and the last of four dimensions, exactly one is 1 or 3.
  ///
  /// - Parameters:
  ///   - dimensions: The dimensions of the array, images first.
  ///   - path: The name of the array in errors.
  /// - Throws: `DatasetError.ambiguousChannels`.
  init(of dimensions: [Int], path: String) throws(DatasetError) {
    if dimensions.count == 3 {
      self = .gray
      return
    }
    func isCount(_ dimension: Int?) -> Bool { dimension == 1 || dimension == 3 }
    guard dimensions.count == 4, isCount(dimensions[1]) != isCount(dimensions[3]) else {
      throw .ambiguousChannels(path: path, dimensions: dimensions)
    }
    self = isCount(dimensions[1]) ? .channelsFirst : .channelsLast
  }

  /// Height and width, and the number of channels.
  func shape(of dimensions: [Int]) -> (size: [Int], channels: Int) {
    switch self {
    case .gray: (Array(dimensions[1...2]), 1)
    case .channelsFirst: (Array(dimensions[2...3]), dimensions[1])
    case .channelsLast: (Array(dimensions[1...2]), dimensions[3])
    }
  }
}

extension LabeledImages {
  /// Makes a set of images from an array with any order of its dimensions.
  ///
  /// - Parameters:
  ///   - dimensions: N × height × width, N × channels × height × width, or
  ///     N × height × width × channels.
  ///   - values: As many as the product of the dimensions, row-major.
  ///   - labels: N classes.
  ///   - path: The name of the array in errors.
  /// - Throws: `DatasetError.ambiguousChannels`.
  init(
    dimensions: [Int], values: ContiguousArray<UInt8>, labels: ContiguousArray<UInt8>, path: String
  ) throws(DatasetError) {
    let layout = try ImageLayout(of: dimensions, path: path)
    let (size, channels) = layout.shape(of: dimensions)
    let isInterleaved = layout == .channelsLast && channels > 1
    try self.init(
      size: size, channels: channels,
      pixels: isInterleaved ? separatedChannels(values, area: size[0] * size[1], channels) : values,
      labels: labels)
  }

  /// Height, width, and the number of channels unless it is 1.
  public var shape: [Int] { channels == 1 ? size : size + [channels] }
}

/// Stores the channels of each image one after another instead of pixel by pixel.
///
/// - Parameters:
///   - values: Whole images, each `area` × `channels`.
///   - area: Height · width.
///   - channels: The number of channels.
/// - Returns: The same number of images, each `channels` × `area`.
func separatedChannels(_ values: ContiguousArray<UInt8>, area: Int, _ channels: Int)
  -> ContiguousArray<UInt8>
{
  var result = ContiguousArray<UInt8>(repeating: 0, count: values.count)
  let source = values.span
  var target = result.mutableSpan
  for image in 0..<values.count / (area * channels) {
    let start = image &* area &* channels
    for channel in 0..<channels {
      var pixel = 0
      while pixel < area {
        target[start &+ channel &* area &+ pixel] = source[start &+ pixel &* channels &+ channel]
        pixel &+= 1
      }
    }
  }
  return result
}
