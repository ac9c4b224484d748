// A stored tensor under another name, and beside another one.

extension StoredTensor {
  /// The same values under another name.
  ///
  /// - Parameter name: The other name.
  /// - Returns: A tensor of the same bytes.
  public func renamed(_ name: String) -> StoredTensor {
    StoredTensor(
      name: name, type: type, format: format, shape: shape, isColumnMajor: isColumnMajor,
      isBigEndian: isBigEndian, source: source, range: range, path: path, notes: notes)
  }

  /// The first bytes of its values as they are stored.
  ///
  /// - Parameter count: How many, at most; at least 0.
  /// - Returns: All bytes where there are fewer.
  /// - Throws: `TensorFileError.unreadable`, and `.malformed` for damage that an archive's checksums show.
  public func firstBytes(_ count: Int) throws(TensorFileError) -> [UInt8] {
    try source.bytes(range.lowerBound..<range.lowerBound + min(count, range.count))
  }

  /// Whether another tensor holds the same values, bit for bit.
  ///
  /// - Parameter other: A tensor of this file or another one.
  /// - Returns: `false` for another type or shape, and where a byte differs.
  /// - Throws: `TensorFileError.unreadable`, and `.malformed` for damage that an archive's checksums show.
  /// - Complexity: O(n) at most, as it ends at the first difference; two pieces of memory.
  public func isBitEqual(to other: StoredTensor) throws(TensorFileError) -> Bool {
    guard type == other.type, shape == other.shape, range.count == other.range.count else {
      return false
    }
    for start in stride(from: 0, to: range.count, by: pieceSize) {
      let size = min(pieceSize, range.count - start)
      let (mine, theirs) = (range.lowerBound + start, other.range.lowerBound + start)
      guard
        try source.bytes(mine..<mine + size) == other.source.bytes(theirs..<theirs + size)
      else { return false }
    }
    return true
  }
}
