// Attacks in the tensors, storages and containers of PyTorch files: each is refused with its reason.

import TestSupport
import Testing

@testable import ZerOCheckpoints

@Suite struct HostileTorchFileTests: TorchFileAttack {
  // MARK: Tensors and storages

  @Test(arguments: [
    (offset: 1, shape: [2, 2], strides: [2, 1]), (offset: 4, shape: [1], strides: [1]),
    (offset: .max, shape: [2, 2], strides: [2, 1]), (offset: 0, shape: [5], strides: [1]),
    (offset: 0, shape: [2, 2], strides: [3, 1]), (offset: 0, shape: [2, 2], strides: [.max, 1]),
    (offset: 0, shape: [.max, .max], strides: [.max, .max]),
    (offset: 0, shape: [3, 3], strides: [.max / 2, .max / 2]),
    (offset: 5, shape: [0], strides: [1]),
  ])
  func `a tensor outside its storage is refused`(offset: Int, shape: [Int], strides: [Int]) {
    let tensor = PickledValue.tensor(
      .storage("0", count: 4), offset: offset, shape, strides: strides)
    expectRefusal(file(.dictionary([("w", tensor)])).bytes, "'w' is outside its storage")
  }

  @Test func `impossible shapes are refused`() {
    func tensor(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> ZipBuilder {
      file(
        .dictionary([
          ("w", .tensor(.storage("0", count: 4), offset: offset, shape, strides: strides))
        ]))
    }
    expectRefusal(tensor(-1, [2], [1]).bytes, "'w' has the offset -1")
    expectRefusal(tensor(0, [-2], [1]).bytes, "'w' has the offset 0, the shape [-2]")
    expectRefusal(tensor(0, [2], [-1]).bytes, "the strides [-1]")
    expectRefusal(tensor(0, [2, 2], [1]).bytes, "the strides [1]")
    expectRefusal(
      tensor(0, [Int](repeating: 1, count: 65), [Int](repeating: 1, count: 65)).bytes,
      "'w' is not described by integers")
    // Without the dimension of 0 the size overflows.
    expectRefusal(tensor(0, [1 << 62, 4, 0], [0, 0, 0]).bytes, "exceeds the limit")
    let text = PickledValue.call(
      .global(module: "torch._utils", name: "_rebuild_tensor_v2"),
      [.storage("0", count: 4), "0", .tuple([]), .tuple([])])
    expectRefusal(file(.dictionary([("w", text)])).bytes, "'w' is not described by integers")
  }

  @Test func `a storage that lies about its size is refused`() {
    for (type, count) in [
      ("Float", 5), ("Float", 3), ("Double", 4), ("Half", 4), ("Float", 1 << 62),
    ] {
      let tensor = PickledValue.tensor(.storage("0", type, count: count), [1])
      expectRefusal(
        file(.dictionary([("w", tensor)])).bytes,
        "'w' has a storage of 16 bytes, but the pickle says \(count) values")
    }
    expectRefusal(
      file(.dictionary([("w", .tensor(.storage("7", count: 4), [1]))])).bytes,
      "the storage '7' is missing")
    for storage in [
      PickledValue.storage("0", count: -1), .persistent("0"), .persistent(.tuple(["storage"])),
      .none, .tuple([]),
    ] {
      expectRefusal(
        file(.dictionary([("w", .tensor(storage, [1]))])).bytes, "'w' has no valid storage")
    }
    // PyTorch's keys are numbers; a long key would be compared once per tensor.
    expectRefusal(
      file(
        .dictionary([
          ("w", .tensor(.storage(String(repeating: "0", count: 257), count: 4), [1]))
        ])
      ).bytes,
      "'w' has no valid storage")
    // A key can't leave the archive.
    expectRefusal(
      file(.dictionary([("w", .tensor(.storage("../byteorder", count: 1), [1]))])).bytes,
      "the storage '../byteorder' is missing")
  }

  @Test func `tensors may share a storage`() throws {
    let storage = PickledValue.storage("0", count: 4)
    let value = PickledValue.dictionary([
      ("all", .tensor(storage, [2, 2])), ("row", .tensor(storage, offset: 2, [2])),
      ("turned", .tensor(storage, [2, 2], strides: [1, 2])),
      ("windows", .tensor(storage, [3, 2], strides: [1, 1])),
      ("repeated", .tensor(storage, offset: 3, [2, 2], strides: [0, 0])),
    ])
    #expect(
      try read(file(value).bytes) == [
        [1, 2, 3, 4], [3, 4], [1, 3, 2, 4], [1, 2, 2, 3, 3, 4], [4, 4, 4, 4],
      ])
  }

  // MARK: The archive

  @Test func `a wrong checksum is refused, and a missing one is noted`() throws {
    for name in ["archive/data.pkl", "archive/data/0"] {
      var zip = file(.dictionary([("w", weight)]))
      zip.change(name) { $0.checksum = 1 }
      expectRefusal(zip.bytes, "'\(name)': CRC error")
      zip.change(name) { $0.checksum = 0 }
      #expect(try read(zip.bytes) == [[1, 2, 3, 4]])
    }
    // One view of a storage is enough to find damage in the rest of it.
    var zip = file(.dictionary([("w", .tensor(.storage("0", count: 4), offset: 2, [1]))]))
    zip.change("archive/data/0") {
      $0.bytes[0] ^= 1; $0.checksum = ZipBuilder.checksum(bytes(of: [1, 2, 3, 4]))
    }
    expectRefusal(zip.bytes, "'archive/data/0': CRC error")
  }

  @Test func `the folder in an archive may have any name`() throws {
    let folder = "e\u{301}é"
    let zip = ZipBuilder([
      ZipBuilder.Member("\(folder)/data.pkl", PickledValue.dictionary([("w", weight)]).pickle),
      ZipBuilder.Member("\(folder)/data/0", bytes(of: [1, 2, 3, 4])),
    ])
    #expect(try read(zip.bytes) == [[1, 2, 3, 4]])
  }

  @Test func `an archive that lies is refused`() {
    let value = PickledValue.dictionary([("w", weight)])
    var encrypted = file(value)
    encrypted.change("archive/data/0") { $0.flags = 1 }
    expectRefusal(encrypted.bytes, "'archive/data/0': ")
    var longer = file(value)
    longer.change("archive/data/0") { $0.size = 1 << 20 }
    expectRefusal(
      longer.bytes, "'archive/data/0' declares 1048576 bytes, impossible for 16")
    var method = file(value)
    method.change("archive/data/0") { $0.method = 99 }
    expectRefusal(method.bytes, "not a valid zip file")
    var compressed = file(value)
    compressed.change("archive/data/0") { $0.method = 8 }
    expectRefusal(compressed.bytes, "'archive/data/0': ")
    var twice = file(value)
    twice.members.append(ZipBuilder.Member("archive/data/0", bytes(of: [9, 9, 9, 9])))
    expectRefusal(twice.bytes, "'archive/data/0' occurs twice")
    var several = file(value)
    several.members.append(ZipBuilder.Member("other/data.pkl", value.pickle))
    expectRefusal(several.bytes, "several members data.pkl")
    expectRefusal(ZipBuilder([ZipBuilder.Member("x", [1])]).bytes, "a zip archive without data.pkl")
    // The directory ends in the middle, or names a place outside of the file.
    let whole = file(value).bytes
    expectRefusal(Array(whole.dropLast(30)), "m.pt")
    var outside = whole
    outside.replaceSubrange(whole.count - 6..<whole.count - 2, with: [255, 255, 255, 127])
    expectRefusal(outside, "m.pt")
  }

  @Test func `other files with the extensions of PyTorch are refused`() throws {
    for text in ["PK", "hello", "\u{80}\u{2}."] {
      expectRefusal(
        Array(text.utf8), "begins neither like a zip archive nor like a pickle of torch.save")
    }
    // A pickle that is not one of torch.save.
    expectRefusal(PickledValue.dictionary([]).pickle, "begins neither like")
    expectRefusal([], "it is empty")
  }

  // MARK: Older containers

  @Test func `a legacy file that lies is refused`() throws {
    let value = PickledValue.dictionary([
      (
        "w",
        .tensor(
          .persistent(
            .tuple([
              "storage", .global(module: "torch", name: "FloatStorage"), "0", "cpu", 4, .none,
            ])), [2, 2])
      )
    ])
    let four = bytes(of: [1, 2, 3, 4])
    #expect(try read(LegacyFile(value, storages: [("0", 4, four)]).bytes) == [[1, 2, 3, 4]])
    expectRefusal(
      LegacyFile(value, storages: [("0", 5, four)]).bytes,
      "a storage of 5 values of 4 bytes, but 16 bytes are left")
    expectRefusal(
      LegacyFile(value, storages: [("0", -1, four)]).bytes,
      "a storage of 18446744073709551615 values")
    expectRefusal(
      LegacyFile(value, storages: [("0", 3, four)]).bytes,
      "'w' has a storage of 12 bytes, but the pickle says 4 values")
    expectRefusal(LegacyFile(value, storages: []).bytes, "the storage '0' is missing")
    expectRefusal(LegacyFile(value, storages: [("1", 4, four)]).bytes, "a storage without a tensor")
    for view in [[-1, 2], [3, 2], [0, 5], [.max, .max]] {
      let storage = PickledValue.persistent(
        .tuple([
          "storage", .global(module: "torch", name: "FloatStorage"), "0", "cpu", 4,
          .tuple(["1", .integer(view[0]), .integer(view[1])]),
        ]))
      expectRefusal(
        LegacyFile(.dictionary([("w", .tensor(storage, [1]))]), storages: [("0", 4, four)]).bytes,
        "a storage without a tensor")
    }
    let view = PickledValue.persistent(
      .tuple([
        "storage", .global(module: "torch", name: "FloatStorage"), "0", "cpu", 4,
        .tuple(["1", 2, 2]),
      ]))
    let part = LegacyFile(.dictionary([("w", .tensor(view, [2]))]), storages: [("0", 4, four)])
    #expect(try read(part.bytes) == [[3, 4]])
    let outside = LegacyFile(.dictionary([("w", .tensor(view, [3]))]), storages: [("0", 4, four)])
    expectRefusal(outside.bytes, "'w' is outside its storage")
  }
}
