/// A zip archive that a test makes, with any properties, also impossible ones.
package struct ZipBuilder {
  /// A member.
  package struct Member {
    package var name: String
    package var bytes: [UInt8]

    /// The checksum in both headers; `nil` for the right one.
    package var checksum: UInt32?

    /// The size in the directory; `nil` for the right one.
    package var size: Int?

    /// The flags in both headers.
    package var flags = 0

    /// The method in both headers: 0 for uncompressed bytes, 8 for deflate.
    package var method = 0

    /// Bytes before the contents, as padding of the local header.
    package var padding = 0

    package init(_ name: String, _ bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  package var members: [Member]

  package init(_ members: [Member]) { self.members = members }

  /// A file of PyTorch: a pickle and storages.
  ///
  /// - Parameters:
  ///   - pickle: `data.pkl`.
  ///   - storages: The bytes of the storages by their keys.
  package init(pickle: [UInt8], storages: [(key: String, bytes: [UInt8])] = []) {
    members =
      [Member("archive/data.pkl", pickle), Member("archive/byteorder", Array("little".utf8))]
      + storages.map { Member("archive/data/\($0.key)", $0.bytes) }
      + [Member("archive/version", Array("3\n".utf8))]
  }

  /// Changes the member with a name.
  package mutating func change(_ name: String, _ change: (inout Member) -> Void) {
    for index in members.indices where members[index].name == name { change(&members[index]) }
  }

  /// The bytes of the archive.
  package var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let name = Array(member.name.utf8)
      let sum = Int(member.checksum ?? Self.checksum(member.bytes))
      let common =
        littleEndian(member.flags, 2) + littleEndian(member.method, 2) + littleEndian(0, 4)
        + littleEndian(sum, 4)
      let sizes =
        littleEndian(member.bytes.count, 4) + littleEndian(member.size ?? member.bytes.count, 4)
      directory +=
        Array("PK\u{1}\u{2}".utf8) + littleEndian(20, 2) + littleEndian(20, 2) + common + sizes
        + littleEndian(name.count, 2) + littleEndian(0, 12) + littleEndian(file.count, 4) + name
      file +=
        Array("PK\u{3}\u{4}".utf8) + littleEndian(20, 2) + common + sizes
        + littleEndian(name.count, 2) + littleEndian(member.padding, 2) + name
        + [UInt8](repeating: 0, count: member.padding) + member.bytes
    }
    let end =
      Array("PK\u{5}\u{6}".utf8) + littleEndian(0, 4) + littleEndian(members.count, 2)
      + littleEndian(members.count, 2) + littleEndian(directory.count, 4)
      + littleEndian(file.count, 4) + littleEndian(0, 2)
    return file + directory + end
  }

  /// The CRC-32 of bytes, bit by bit.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
        sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1
      }
    }
  }
}
