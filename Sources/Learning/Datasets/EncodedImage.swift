// PNG and JPEG images, decoded through libpng and TurboJPEG as untrusted input.

internal import CPNG
internal import CTurboJPEG

/// The reason why an image cannot be used, and what to do about it.
struct ImageDefect: Error, Equatable {
  let reason: String
}

/// A decoded image of 8 bits per channel, gray or RGB.
struct EncodedImage: Equatable {
  /// Height and width.
  let size: [Int]

  /// 1 or 3.
  let channels: Int

  /// Height × width × channels.
  let pixels: ContiguousArray<UInt8>

  /// The maximum number of values per image; a larger one is not decoded.
  static let maximumCount = 1 << 26

  private static let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  private static let jpeg: [UInt8] = [0xff, 0xd8, 0xff]

  /// Decodes an image; its first bytes decide the format.
  ///
  /// - Parameter bytes: The file.
  /// - Throws: `ImageDefect`.
  init(_ bytes: [UInt8]) throws(ImageDefect) {
    if bytes.starts(with: Self.png) {
      try self.init(png: bytes)
    } else if bytes.starts(with: Self.jpeg) {
      try self.init(jpeg: bytes)
    } else {
      throw ImageDefect(reason: "neither a PNG nor a JPEG image; remove it or save it again")
    }
  }

  private static func check(_ height: Int, _ width: Int, _ channels: Int) throws(ImageDefect) -> Int
  {
    let (area, overflows) = height.multipliedReportingOverflow(by: width)
    guard height > 0, width > 0, !overflows, area <= maximumCount / channels else {
      throw ImageDefect(
        reason: "\(height) × \(width) pixels, more than \(maximumCount) values; reduce the image")
    }
    return area * channels
  }

  /// Decodes a PNG image to the values that it stores.
  ///
  /// Palettes and fewer than 8 bits become 8 bits. The chunk `gAMA` is ignored, as in Pillow.
  private init(png stored: [UInt8]) throws(ImageDefect) {
    let bytes = Self.withoutGamma(stored)
    // libpng stores the address of the description, which must therefore not move between calls.
    let image = png_imagep.allocate(capacity: 1)
    unsafe image.initialize(to: png_image())
    unsafe image.pointee.version = png_uint_32(PNG_IMAGE_VERSION)
    defer {
      unsafe png_image_free(image)
      unsafe image.deallocate()
    }
    // It also reads the bytes of the file in both calls.
    self = try unsafe bytes.withUnsafeBufferPointer { (source) throws(ImageDefect) in
      try unsafe EncodedImage(png: source, image)
    }
  }

  private init(png source: UnsafeBufferPointer<UInt8>, _ image: png_imagep) throws(ImageDefect) {
    func damaged() -> ImageDefect {
      let text = unsafe withUnsafeBytes(of: image.pointee.message) { message in
        unsafe String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
      }
      return ImageDefect(reason: "not a valid PNG image (\(text)); save it again")
    }
    guard
      unsafe png_image_begin_read_from_memory(image, source.baseAddress, source.count) != 0
    else { throw damaged() }
    let format = unsafe image.pointee.format
    guard format & PNG_FORMAT_FLAG_ALPHA == 0 else {
      throw ImageDefect(reason: "has transparency (an alpha channel); save it without")
    }
    guard format & PNG_FORMAT_FLAG_LINEAR == 0 else {
      throw ImageDefect(reason: "has 16 bits per channel; save it with 8 bits")
    }
    let isColored = format & PNG_FORMAT_FLAG_COLOR != 0
    channels = isColored ? 3 : 1
    size = unsafe [Int(image.pointee.height), Int(image.pointee.width)]
    let count = try Self.check(size[0], size[1], channels)
    unsafe image.pointee.format = isColored ? PNG_FORMAT_FLAG_COLOR : 0
    var pixels = ContiguousArray<UInt8>(repeating: 0, count: count)
    let isDecoded = unsafe pixels.withUnsafeMutableBytes { target in
      unsafe png_image_finish_read(image, nil, target.baseAddress, 0, nil) != 0
    }
    guard isDecoded else { throw damaged() }
    self.pixels = pixels
  }

  /// The bytes of a PNG image without its chunks `gAMA`, by which libpng would change values.
  private static func withoutGamma(_ bytes: [UInt8]) -> [UInt8] {
    var result = Array(bytes.prefix(png.count))
    var position = png.count
    // A chunk: length, name, contents, CRC-32.
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = min(position + 12 + length, bytes.count)
      if !bytes[position + 4..<position + 8].elementsEqual("gAMA".utf8) {
        result += bytes[position..<end]
      }
      position = end
    }
    return result + bytes[position...]
  }

  /// Decodes a JPEG image as libjpeg does by default.
  private init(jpeg bytes: [UInt8]) throws(ImageDefect) {
    guard let decoder = unsafe tjInitDecompress() else {
      throw ImageDefect(reason: "TurboJPEG did not start; there may be too little memory")
    }
    defer { _ = unsafe tjDestroy(decoder) }
    func damaged() -> ImageDefect {
      let text = unsafe tjGetErrorStr2(decoder).map { unsafe String(cString: $0) } ?? "unknown"
      return ImageDefect(reason: "not a valid JPEG image (\(text)); save it again")
    }
    var (width, height, sampling, colors) = (Int32(0), Int32(0), Int32(0), Int32(0))
    guard
      unsafe tjDecompressHeader3(
        decoder, bytes, UInt(bytes.count), &width, &height, &sampling, &colors) == 0
    else { throw damaged() }
    // The header of a truncated image is no error.
    guard width > 0, height > 0 else {
      throw ImageDefect(reason: "not a valid JPEG image (it ends before its size); save it again")
    }
    guard colors != TJCS_CMYK.rawValue, colors != TJCS_YCCK.rawValue else {
      throw ImageDefect(reason: "has the colors CMYK; save it as RGB")
    }
    channels = colors == TJCS_GRAY.rawValue ? 1 : 3
    size = [Int(height), Int(width)]
    let count = try Self.check(size[0], size[1], channels)
    var pixels = ContiguousArray<UInt8>(repeating: 0, count: count)
    let format = channels == 1 ? TJPF_GRAY.rawValue : TJPF_RGB.rawValue
    // Also an image with a warning is damaged, for example a truncated one.
    let status = unsafe pixels.withUnsafeMutableBufferPointer { target in
      unsafe tjDecompress2(
        decoder, bytes, UInt(bytes.count), target.baseAddress, width, 0, height, Int32(format),
        TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
    }
    guard status == 0 else { throw damaged() }
    self.pixels = pixels
  }
}
