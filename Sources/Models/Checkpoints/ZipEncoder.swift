// Encodes a zip archive of stored members, part by part.

import ZerOChecksums
import ZerORequirements

/// The bytes of a zip archive around the contents of its members.
///
/// Members are stored without compression, and their contents start at multiples of 64 bytes, as in
/// files of PyTorch. The checksum follows the contents, so the contents need not be known when the
/// header is written. Members and archives above 4 GiB have ZIP64 records.
///
/// libzip can't write these archives: it has no alignment, which `torch.load(path, mmap=True)` needs, and
/// it reads all members when the archive is closed, so a model would have to be held somewhere until then.
///
/// Reference: PKWARE, "APPNOTE.TXT", version 6.3.10 (2022), sections 4.3 to 4.5.
struct ZipEncoder {
  /// A complete member, for the directory.
  private struct Member {
    let name: String
    let size: Int
    let start: Int
    let checksum: UInt32
  }

  /// Contents start at multiples of this number.
  static let alignment = 64

  /// Sizes and positions from this value on are in ZIP64 records.
  private let limit: Int

  /// The number of members from which on it is in a ZIP64 record.
  private static let countLimit = Int(UInt16.max)

  /// The checksum follows the contents (bit 3), and names are UTF-8 (bit 11).
  private static let flags: UInt16 = 0x0808

  /// 1980-01-01, the first date of the format: equal contents give equal archives.
  private static let date: UInt16 = 0x21

  private var position = 0
  private var members: [Member] = []

  /// The member that is being written.
  private var name = ""
  private var size = 0
  private var start = 0
  private var left = 0
  private var checksum = CRC32()

  /// Starts an archive.
  ///
  /// - Parameter limit: Sizes and positions from this value on are in ZIP64 records, 4 GiB in the
  ///   format; less only for tests.
  init(limit: Int = Int(UInt32.max)) { self.limit = limit }

  /// A size or position in 32 bits; all bits are set if it is in a ZIP64 record.
  private func short(_ value: Int) -> UInt32 { value < limit ? UInt32(value) : .max }

  /// The header of the next member, padded so that its contents are aligned.
  ///
  /// - Parameters:
  ///   - name: The member's name.
  ///   - size: The number of bytes of its contents.
  /// - Returns: The bytes before the contents.
  mutating func begin(_ name: String, size: Int) -> [UInt8] {
    require(left == 0, "\(left) bytes missing in '\(self.name)'")
    (self.name, self.size, left) = (name, size, size)
    (start, checksum) = (position, CRC32())
    let isLarge = size >= limit
    var extra: [UInt8] = []
    if isLarge {
      extra.append(littleEndian: UInt16(1))
      extra.append(littleEndian: UInt16(16))
      extra.append(littleEndian: UInt64(size))
      extra.append(littleEndian: UInt64(size))
    }
    let unaligned = position + 30 + name.utf8.count + extra.count + 4
    let padding = (Self.alignment - unaligned % Self.alignment) % Self.alignment
    // PyTorch's own padding: the identifier "FB", and letters Z.
    extra += Array("FB".utf8)
    extra.append(littleEndian: UInt16(padding))
    extra += [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
    var header: [UInt8] = []
    header.append(littleEndian: UInt32(0x0403_4b50))
    header.append(littleEndian: UInt16(isLarge ? 45 : 20))
    header.append(littleEndian: Self.flags)
    header.append(littleEndian: UInt16(0))
    header.append(littleEndian: UInt16(0))
    header.append(littleEndian: Self.date)
    header.append(littleEndian: UInt32(0))
    header.append(littleEndian: UInt32(isLarge ? UInt32.max : 0))
    header.append(littleEndian: UInt32(isLarge ? UInt32.max : 0))
    header.append(littleEndian: UInt16(name.utf8.count))
    header.append(littleEndian: UInt16(extra.count))
    header += Array(name.utf8) + extra
    position += header.count
    return header
  }

  /// Counts the next bytes of the member's contents.
  mutating func count(_ contents: [UInt8]) {
    require(contents.count <= left, "\(contents.count) bytes, \(left) left in '\(name)'")
    unsafe checksum.update(contents.span.bytes)
    left -= contents.count
    position += contents.count
  }

  /// The record after the contents of the member.
  mutating func end() -> [UInt8] {
    require(left == 0, "\(left) bytes missing in '\(name)'")
    members.append(Member(name: name, size: size, start: start, checksum: checksum.value))
    var record: [UInt8] = []
    record.append(littleEndian: UInt32(0x0807_4b50))
    record.append(littleEndian: checksum.value)
    for _ in 0..<2 {
      if size >= limit {
        record.append(littleEndian: UInt64(size))
      } else {
        record.append(littleEndian: UInt32(size))
      }
    }
    position += record.count
    return record
  }

  /// A whole member.
  mutating func member(_ name: String, _ contents: [UInt8]) -> [UInt8] {
    let header = begin(name, size: contents.count)
    count(contents)
    return header + contents + end()
  }

  /// The directory of all members, which ends the archive.
  func directory() -> [UInt8] {
    var bytes: [UInt8] = []
    for member in members { append(member, to: &bytes) }
    let size = bytes.count
    let isLarge =
      position >= limit || size >= limit || members.count >= Self.countLimit
    if isLarge {
      let record = position + size
      bytes.append(littleEndian: UInt32(0x0606_4b50))
      bytes.append(littleEndian: UInt64(44))
      bytes.append(littleEndian: UInt16(45))
      bytes.append(littleEndian: UInt16(45))
      bytes.append(littleEndian: UInt32(0))
      bytes.append(littleEndian: UInt32(0))
      for value in [members.count, members.count, size, position] {
        bytes.append(littleEndian: UInt64(value))
      }
      // The locator of that record.
      bytes.append(littleEndian: UInt32(0x0706_4b50))
      bytes.append(littleEndian: UInt32(0))
      bytes.append(littleEndian: UInt64(record))
      bytes.append(littleEndian: UInt32(1))
    }
    let count = UInt16(min(members.count, Self.countLimit))
    bytes.append(littleEndian: UInt32(0x0605_4b50))
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: count)
    bytes.append(littleEndian: count)
    bytes.append(littleEndian: short(size))
    bytes.append(littleEndian: short(position))
    bytes.append(littleEndian: UInt16(0))
    return bytes
  }

  /// Appends the directory's entry of a member.
  private func append(_ member: Member, to bytes: inout [UInt8]) {
    // The ZIP64 field contains only the values that don't fit.
    var large: [UInt8] = []
    if member.size >= limit {
      large.append(littleEndian: UInt64(member.size))
      large.append(littleEndian: UInt64(member.size))
    }
    if member.start >= limit { large.append(littleEndian: UInt64(member.start)) }
    var extra: [UInt8] = []
    if !large.isEmpty {
      extra.append(littleEndian: UInt16(1))
      extra.append(littleEndian: UInt16(large.count))
      extra += large
    }
    bytes.append(littleEndian: UInt32(0x0201_4b50))
    bytes.append(littleEndian: UInt16(extra.isEmpty ? 20 : 45))
    bytes.append(littleEndian: UInt16(extra.isEmpty ? 20 : 45))
    bytes.append(littleEndian: Self.flags)
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: Self.date)
    bytes.append(littleEndian: member.checksum)
    bytes.append(littleEndian: short(member.size))
    bytes.append(littleEndian: short(member.size))
    bytes.append(littleEndian: UInt16(member.name.utf8.count))
    bytes.append(littleEndian: UInt16(extra.count))
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: short(member.start))
    bytes += Array(member.name.utf8) + extra
  }
}

extension [UInt8] {
  /// Appends an integer, lowest byte first.
  mutating func append<Word: FixedWidthInteger>(littleEndian word: Word) {
    for byte in 0..<MemoryLayout<Word>.size {
      append(UInt8(truncatingIfNeeded: word >> (8 * byte)))
    }
  }
}
