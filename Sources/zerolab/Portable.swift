// Only in the program of the archive and the wheel.

#if ZEROLAB_PORTABLE
  /// Random bytes, as the C library has them from version 2.36 on.
  ///
  /// The XML parser of the figures' font library calls this function; with a definition of its own, the program also runs on
  /// systems with an older C library.
  @c(arc4random_buf)
  public func arc4randomBuffer(_ buffer: UnsafeMutableRawPointer, _ count: Int) {
    var generator = SystemRandomNumberGenerator()
    for place in 0..<count {
      unsafe buffer.storeBytes(of: generator.next(), toByteOffset: place, as: UInt8.self)
    }
  }
#endif
