// NumPy's format for several arrays: a zip archive of NPY files.

/// Arrays as `numpy.savez` and `numpy.savez_compressed` write them.
public enum NPZFile {
  /// More than deflate can take out of anything: 1032 times, as its authors say.
  private static let largestExpansion = 1040

  /// Reads the headers of an archive's arrays; the values stay where they are.
  ///
  /// - Parameter path: The file.
  /// - Returns: The arrays, named as the archive's members without `.npy`, in their order.
  /// - Throws: `TensorFileError.malformed` for what is no sound archive of NPY files or has one name twice, and
  ///   `.unreadable`.
  public static func open(_ path: String) throws(TensorFileError) -> [StoredTensor] {
    let archive = try ZipArchive(path)
    var tensors: [StoredTensor] = []
    var names = Set<String>()
    for member in archive.members {
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      guard names.insert(name).inserted else {
        throw ZipArchive.malformed(path, "'\(name)' stands twice")
      }
      let (limit, overflows) = member.compressedSize.multipliedReportingOverflow(
        by: largestExpansion)
      guard overflows || member.size <= limit + largestExpansion else {
        throw ZipArchive.malformed(
          path, "'\(name)' claims \(member.size) bytes out of \(member.compressedSize)")
      }
      tensors.append(
        try NPYFile.tensor(
          in: archive.bytes(of: member), name: name, path: "\(path), '\(member.name)'"))
    }
    return tensors
  }
}
