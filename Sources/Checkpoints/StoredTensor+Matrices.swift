// The matrices that a tensor stacks.

extension StoredTensor {
  /// The matrices along the last two dimensions, as NumPy's linear algebra takes an array of more dimensions.
  ///
  /// Each is named by its index, `experts.w1[3]`, or `w[0,3]` where several dimensions come first. They are in row-major
  /// order of their indices; an empty tensor has none.
  ///
  /// - Precondition: Two dimensions at least, and values of a floating-point type.
  public var matrices: [StoredTensor] {
    guard shape.count >= 2, let format else {
      preconditionFailure("the matrices of '\(name)', \(shape) of type \(type)")
    }
    guard !shape.contains(0) else { return [] }
    let (leading, own) = (shape.dropLast(2), Array(shape.suffix(2)))
    let size = own[0] * own[1] * format.byteCount
    return (0..<leading.reduce(1, *)).map { place in
      var rest = place
      var index: [String] = []
      for extent in leading.reversed() {
        index.append(String(rest % extent))
        rest /= extent
      }
      let start = range.lowerBound + place * size
      return StoredTensor(
        name: "\(name)[\(index.reversed().joined(separator: ","))]", type: type, format: format,
        shape: own, isColumnMajor: isColumnMajor, isBigEndian: isBigEndian, source: source,
        // Where the first index is the fastest, a matrix is scattered over the whole tensor.
        range: isColumnMajor ? range : start..<start + size, path: path, notes: notes,
        origin: Origin(name: name, shape: shape, place: place))
    }
  }
}
