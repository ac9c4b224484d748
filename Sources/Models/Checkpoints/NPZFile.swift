// NumPy's format for several arrays: a zip archive of NPY files.

/// Arrays as `numpy.savez` and `numpy.savez_compressed` write them.
public enum NPZFile {
  /// Reads the headers of an archive's arrays; the values stay where they are.
  ///
  /// - Parameter path: The file.
  /// - Returns: The arrays, named as the archive's members without `.npy`, in their order. Members with another
  ///   ending are no arrays, and passed over.
  /// - Throws: `TensorFileError.malformed` for what is no sound archive of NPY files, has one name twice, or
  ///   claims sizes that its file can't hold, and `.unreadable`.
  public static func open(_ path: String) throws(TensorFileError) -> [StoredTensor] {
    let archive = try ZipArchive(path)
    var tensors: [StoredTensor] = []
    var names = Set<String>()
    for member in archive.members where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      guard names.insert(name).inserted else {
        throw ZipArchive.malformed(path, "'\(name)' stands twice")
      }
      tensors.append(
        try NPYFile.tensor(
          in: archive.bytes(of: member), name: name, path: "\(path), '\(member.name)'",
          note: member.hasChecksum
            ? nil : "the archive has no checksum, so that damage to the values can't be seen"))
    }
    return tensors
  }
}
