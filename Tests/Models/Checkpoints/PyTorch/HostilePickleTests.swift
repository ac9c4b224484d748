// Attacks in the pickle of a PyTorch file: each is refused with its reason, or read as plain data.

import Foundation
import TestSupport
import Testing

@testable import ZerOCheckpoints

@Suite struct HostilePickleTests: TorchFileAttack {
  // MARK: Code

  @Test func `code in a pickle is not run`() throws {
    try withTemporaryFolder { folder in
      let mark = folder.appendingPathComponent("mark")
      let command = PickledValue.text("touch '\(mark.path)'")
      let system = PickledValue.global(module: "os", name: "system")
      let attacks: [PickledValue] = [
        .call(system, [command]),
        .call(.global(module: "posix", name: "system"), [command]),
        .call(.global(module: "builtins", name: "exec"), [.text("open('\(mark.path)', 'w')")]),
        .call(.global(module: "__builtin__", name: "eval"), [.text("open('\(mark.path)', 'w')")]),
        .call(
          .global(module: "subprocess", name: "check_call"), [.list(["touch", .text(mark.path)])]),
        .call(.global(module: "torch.hub", name: "load"), ["x", "y"]),
        // A global of a nested name, an object whose state runs code, and a call of a call's result.
        .call(.global(module: "torch", name: "serialization.os.system"), [command]),
        .object(.call(system, [command]), state: .dictionary([("x", .call(system, [command]))])),
        .call(
          .call(
            .global(module: "builtins", name: "getattr"),
            [.global(module: "os", name: "x"), "system"]), [command]),
        // Where PyTorch expects a function of its own.
        .call(
          .global(module: "torch._tensor", name: "_rebuild_from_type_v2"),
          [system, .none, .tuple([command]), .none]),
        .call(
          .global(module: "torch._utils", name: "_rebuild_parameter"), [.call(system, [command])]),
        .persistent(.tuple(["storage", .call(system, [command]), "0", "cpu", 4])),
      ]
      for attack in attacks {
        // Beside a tensor, which is read.
        #expect(
          try read(file(.dictionary([("x", attack), ("w", weight)])).bytes) == [[1, 2, 3, 4]])
        let legacy = LegacyFile(attack, storages: []).bytes
        #expect(throws: TensorFileError.self) { try read(legacy) }
      }
      #expect(!FileManager.default.fileExists(atPath: mark.path))
      // The mark appears if the command runs, so the check above can fail.
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.arguments = ["-c", "touch '\(mark.path)'"]
      try shell.run()
      shell.waitUntilExit()
      #expect(FileManager.default.fileExists(atPath: mark.path))
    }
  }

  @Test func `code where a tensor needs a value is refused`() {
    let code = PickledValue.call(.global(module: "os", name: "system"), ["true"])
    expectRefusal(
      file(.dictionary([("w", .tensor(code, [2, 2]))])).bytes, "'w' has no valid storage")
    let unknown = PickledValue.call(
      .global(module: "torch._utils", name: "_rebuild_tensor_v3"),
      [
        .storage("0", "Untyped", count: 16), 0, .tuple([2, 2]), .tuple([2, 1]), .bool(false), .none,
        code,
      ])
    expectRefusal(file(.dictionary([("w", unknown)])).bytes, "'w' has an unknown type")
  }

  // MARK: Shapes of the program

  @Test func `a value inside itself is read once`() throws {
    // {"w": tensor, "self": the dictionary}, through the memo.
    let itself: [UInt8] =
      [0x80, 2, 0x7d, 0x71, 0, 0x28] + PickledValue.text("w").opcodes + weight.opcodes
      + PickledValue.text("self").opcodes + [0x68, 0, 0x75, 0x2e]
    #expect(try read(file(itself).bytes) == [[1, 2, 3, 4]])
    // A list that contains itself, and nothing else.
    expectRefusal(file([0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e]).bytes, "contains no tensors")
    // A tensor whose storage is the tensor itself.
    let call: [UInt8] =
      [0x80, 2] + PickledValue.global(module: "torch._utils", name: "_rebuild_tensor_v2").opcodes
      + [0x5d, 0x71, 1, 0x52, 0x71, 0, 0x30, 0x68, 1, 0x68, 0, 0x61, 0x30, 0x68, 0, 0x2e]
    expectRefusal(file(call).bytes, "is not described by integers")
    // A parameter of itself.
    let parameter: [UInt8] =
      [0x80, 2] + PickledValue.global(module: "torch._utils", name: "_rebuild_parameter").opcodes
      + [0x5d, 0x71, 1, 0x52, 0x71, 0, 0x30, 0x68, 1, 0x68, 0, 0x61, 0x30, 0x68, 0, 0x2e]
    expectRefusal(file(parameter).bytes, "contains no tensors")
  }

  @Test func `lists of lists through the memo don't multiply`() throws {
    // 40 levels of ten references each: 10^40 values in 900 bytes.
    var bomb: [UInt8] = [0x80, 2, 0x5d, 0x71, 0]
    for level in 1...40 {
      bomb += [0x5d, 0x71, UInt8(level), 0x28]
      for _ in 0..<10 { bomb += [0x68, UInt8(level - 1)] }
      bomb += [0x65]
    }
    expectRefusal(
      file(bomb + [0x2e]).bytes,
      "exceeds the limit of 1048576 containers, counted under each of their names")
    // The same with copies of the top of the stack, as keys and values of dictionaries.
    var copies: [UInt8] = [0x80, 2, 0x5d]
    for _ in 0..<40 { copies += [0x32, 0x32, 0x87] + [0x32, 0x32, 0x87] }
    expectRefusal(file(copies + [0x2e]).bytes, "exceeds the limit of ")
  }

  @Test func `names of nested keys don't multiply`() throws {
    // Objects inside each other, each with the same key of 100,000 bytes: names of up to 19 MB.
    let key = PickledValue.text(String(repeating: "a", count: 100_000)).opcodes + [0x71, 0, 0x30]
    let begin = PickledValue.global(module: "m", name: "C").opcodes + [0x29, 0x81, 0x7d, 0x68, 0]
    let value =
      [[UInt8]](repeating: begin, count: 190).flatMap(\.self) + weight.opcodes
      + [[UInt8]](repeating: [0x73, 0x62], count: 190).flatMap(\.self)
    expectRefusal(
      LegacyFile(.opcodes(key + value), storages: []).bytes,
      "exceeds the limit of 536870912 bytes of names")
  }

  @Test func `tensors under names of nested keys don't multiply`() {
    // A list of many references to one tensor, inside 190 dictionaries whose keys are one text of
    // 100,000 bytes: each name has 19 MB.
    let key = PickledValue.text(String(repeating: "a", count: 100_000)).opcodes + [0x71, 0, 0x30]
    let list: [UInt8] =
      weight.opcodes + [0x71, 1, 0x30, 0x5d, 0x28]
      + [[UInt8]](repeating: [0x68, 1], count: 10_000).flatMap(\.self) + [0x65]
    func nested(_ key: [UInt8], _ open: [UInt8]) -> [UInt8] {
      let begin = [[UInt8]](repeating: [0x7d] + open, count: 190).flatMap(\.self)
      return [0x80, 2] + key + begin + list + [UInt8](repeating: 0x73, count: 190) + [0x2e]
    }
    expectRefusal(
      file(nested(key, [0x68, 0])).bytes, "the limit of 4096 bytes of a tensor's name with its keys"
    )
  }

  @Test(arguments: [(90, true), (100, false)])
  func `each reference to a text counts as a copy`(references: Int, isRead: Bool) {
    // A key of 1000 bytes, put into one dictionary again and again.
    let key = PickledValue.text(String(repeating: "a", count: 1000)).opcodes + [0x71, 0, 0x30]
    let entry: [UInt8] = [0x68, 0, 0x4e, 0x73]
    let pickle =
      key + [0x7d] + [[UInt8]](repeating: entry, count: references).flatMap(\.self) + [0x2e]
    var limits = PickleLimits()
    limits.memory = 100_000
    var input = PickleInput(BytesInMemory(bytes: pickle), path: "m.pt")
    var machine = PickleMachine(limits: limits)
    let value = try? machine.load(&input)
    #expect((value != nil) == isRead)
  }

  @Test func `a long integer is refused before its bytes are read`() {
    let bytes =
      [0x80, 2, 0x8b] + littleEndian(1000, 4) + [UInt8](repeating: 1, count: 1000) + [0x2e]
    for (memory, isRead) in [(2000, true), (999, false)] {
      var limits = PickleLimits()
      limits.memory = memory
      var input = PickleInput(BytesInMemory(bytes: bytes), path: "m.pt")
      var machine = PickleMachine(limits: limits)
      #expect(((try? machine.load(&input)) != nil) == isRead)
    }
  }

  @Test func `repeated keys, and keys of other types, are removed once`() throws {
    // Many references to such a dictionary cost as much as to an empty one.
    let repeated = [[UInt8]](repeating: [0x4b, 7, 0x4e], count: 100).flatMap(\.self)
    let others = [[UInt8]](repeating: [0x4e, 0x4e], count: 100).flatMap(\.self)
    var input = PickleInput(
      BytesInMemory(
        bytes: [0x80, 2, 0x7d, 0x28] + repeated + others + [0x4b, 7, 0x88, 0x75, 0x2e]),
      path: "m.pt")
    var machine = PickleMachine()
    _ = try machine.load(&input)
    #expect(machine.graph.nodes.map(\.entries.count) == [1])
    #expect(machine.graph.nodes[0].pairs.isEmpty)
    // The last value counts.
    guard case .bool(true) = machine.graph.nodes[0].entries[0].value else {
      Issue.record("the first value was kept")
      return
    }
  }

  @Test func `one list in many ordered dictionaries doesn't multiply`() {
    // A list of 40,000 values that are no pairs creates 1000 dictionaries.
    let list: [UInt8] =
      [0x5d, 0x28] + [UInt8](repeating: 0x4e, count: 40_000) + [0x65, 0x71, 0, 0x30]
    let create =
      PickledValue.global(module: "collections", name: "OrderedDict").opcodes + [
        0x68, 0, 0x85, 0x52,
      ]
    let value = list + [0x5d, 0x28] + [[UInt8]](repeating: create, count: 1000).flatMap(\.self)
    expectRefusal(
      file([0x80, 2] + value + [0x65, 0x2e]).bytes,
      "the limit of 536870912 bytes for the values of its pickle")
  }

  @Test(arguments: [
    ([0x80, 2, 0x2e], "takes a value from an empty stack"),
    ([0x80, 2, 0x4e, 0x28, 0x30, 0x4e, 0x2e], "takes a value from an empty stack"),
    ([0x80, 2, 0x74, 0x2e], "has no mark"), ([0x80, 2, 0x4e, 0x4e, 0x75, 0x2e], "has no mark"),
    ([0x80, 2, 0x5d, 0x65, 0x2e], "has no mark"), ([0x80, 2, 0x31, 0x2e], "has no mark"),
    ([0x80, 2, 0x4e, 0x28, 0x4e, 0x85, 0x52, 0x2e], "takes a value from an empty stack"),
    ([0x80, 2, 0x4e, 0x86, 0x2e], "takes 2 values from a stack of 1"),
    ([0x80, 2, 0x4e, 0x4e, 0x61, 0x2e], "adds items to a plain value"),
    ([0x80, 2, 0x7d, 0x4e, 0x61, 0x2e], "adds items to something else than a list"),
    ([0x80, 2, 0x5d, 0x4e, 0x4e, 0x73, 0x2e], "adds entries to something else than a dictionary"),
    ([0x80, 2, 0x7d, 0x28, 0x4e, 0x75, 0x2e], "has a key without a value"),
    ([0x80, 2, 0x5d, 0x4e, 0x62, 0x2e], "sets the state of a container"),
    ([0x80, 2, 0x68, 7, 0x2e], "uses entry 7 of the memo, which is empty"),
    ([0x80, 2, 0x71, 7, 0x2e], "takes a value from an empty stack"),
    ([0x80, 9, 0x4e, 0x2e], "has the protocol 9"),
    // The registry of extensions, buffers outside of the pickle, and opcodes that are none.
    ([0x80, 2, 0x82, 1, 0x2e], "byte 2 of its pickle is 130, which is not an opcode"),
    ([0x80, 5, 0x97, 0x2e], "byte 2 of its pickle is 151, which is not an opcode"),
    ([0x80, 2, 0xff], "byte 2 of its pickle is 255, which is not an opcode"),
    ([0x49, 0x78, 0x0a, 0x2e], "'x' in its pickle is not a number"),
    // Truncation, of which frames and lengths lie.
    ([], "truncated at byte 0"), ([0x80, 2, 0x4e], "truncated at byte 3"),
    ([0x80, 4, 0x95, 100, 0, 0, 0, 0, 0, 0, 0, 0x4e, 0x2e], "a frame of 100 bytes, 2 are left"),
    ([0x80, 4, 0x95, 255, 255, 255, 255, 255, 255, 255, 255, 0x4e, 0x2e], "truncated: a frame of"),
    ([0x80, 2, 0x58, 100, 0, 0, 0, 0x61, 0x2e], "truncated at byte 7"),
    (
      [0x80, 4, 0x8d, 255, 255, 255, 255, 255, 255, 255, 127, 0x61],
      "exceeds the limit of 536870912 bytes"
    ),
    (
      [0x80, 4, 0x8e, 255, 255, 255, 255, 255, 255, 255, 255, 0x61],
      "exceeds the limit of 536870912 bytes"
    ),
    // A length that overflows when it is added to the bytes of a list.
    (
      [0x80, 4, 0x5d, 0x8d, 255, 255, 255, 255, 255, 255, 255, 255, 0x61],
      "exceeds the limit of 536870912 bytes"
    ),
    (
      [0x80, 4, 0x5d, 0x8e, 255, 255, 255, 255, 255, 255, 255, 127, 0x61],
      "exceeds the limit of 536870912 bytes"
    ),
    ([0x80, 2, 0x8a, 200, 1], "truncated at byte 4"),
    ([0x80, 2, 0x63, 0x6f, 0x73], "truncated at byte 5"),
  ])
  func `an invalid program is refused`(pickle: [UInt8], reason: String) {
    expectRefusal(file(pickle).bytes, reason)
  }

  @Test func `each limit is named`() throws {
    // Small limits, so the files are small; a file that needs no more than a limit is read.
    let value = PickledValue.dictionary([("w", weight), ("x", .list(["a", "b"]))])
    let cases: [(change: (inout PickleLimits) -> Void, limit: String)] = [
      ({ $0.opcodes = 30 }, "30 pickle opcodes"), ({ $0.stack = 3 }, "3 values on the stack"),
      ({ $0.marks = 1 }, "1 open marks"), ({ $0.memory = 500 }, "500 bytes for the values"),
      ({ $0.depth = 0 }, "0 containers inside each other"),
      ({ $0.visits = 2 }, "2 containers, counted under each of their names"),
      ({ $0.values = 3 }, "3 values, counted under each of their names"),
      ({ $0.tensors = 0 }, "0 tensors, counted under each of their names"),
      ({ $0.name = 1 }, "1 bytes of a tensor's name"),
    ]
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      try Data(file(value).bytes).write(to: url)
      #expect(try TorchFile(path: url.path).contents.tensors.count == 1)
      for (change, limit) in cases {
        var limits = PickleLimits()
        change(&limits)
        #expect {
          _ = try TorchFile(path: url.path, limits: limits)
        } throws: {
          ($0 as? TensorFileError)?.description.contains("exceeds the limit of \(limit)") == true
        }
      }
    }
    // The limits of every file.
    let marks = [UInt8](repeating: 0x28, count: 1001)
    expectRefusal(file([0x80, 2] + marks).bytes, "the limit of 1000 open marks")
    let lists = [UInt8](repeating: 0x5d, count: 300) + [UInt8](repeating: 0x61, count: 299)
    expectRefusal(
      file([0x80, 2] + lists + [0x2e]).bytes, "the limit of 200 containers inside each other")
    let wide = PickledValue.tensor(
      .storage("0", count: 4), [1 << 20, 1 << 20], strides: [0, 0])
    expectRefusal(
      file(wide).bytes, "the limit of 268435456 values of 'm', which repeats those of its storage")
  }

  @Test func `the memo is limited`() throws {
    var limits = PickleLimits()
    limits.memo = 2
    for (puts, isRead) in [(2, true), (3, false)] {
      var input = PickleInput(
        BytesInMemory(bytes: [0x80, 4, 0x4e] + [UInt8](repeating: 0x94, count: puts) + [0x2e]),
        path: "m.pt")
      var machine = PickleMachine(limits: limits)
      let value = try? machine.load(&input)
      #expect((value != nil) == isRead)
    }
  }

  @Test func `deeply nested values are released without recursion`() {
    // Two million tuples inside each other; a recursive release would overflow the stack.
    let deep = [UInt8](repeating: 0x85, count: 2_000_000)
    expectRefusal(
      LegacyFile(.opcodes([0x4e] + deep), storages: []).bytes,
      "the limit of 200 containers inside each other")
  }

  @Test func `the documented limits are those of the reader`() throws {
    let root = (0..<5).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
      url.deletingLastPathComponent()
    }
    let rows = try String(
      contentsOf: root.appendingPathComponent("Documentation/Reference/FileFormats.md"),
      encoding: .utf8
    ).split(separator: "\n").map { $0.split(separator: "|").map { $0.filter { $0 != " " } } }
    let limits = PickleLimits()
    for (name, limit) in [
      ("opcodes of all pickles of a file", limits.opcodes), ("values on the stack", limits.stack),
      ("lists, tuples and dictionaries that are open at a time", limits.marks),
      ("entries of the memo", limits.memo),
      ("all values of the pickles, counting each reference to a text", limits.memory),
      ("dictionaries, lists and objects inside each other", limits.depth),
      ("dictionaries, lists and objects, counted under each of their names", limits.visits),
      ("values in them, counted under each of their names", limits.values),
      ("tensors, counted under each of their names", limits.tensors),
      ("name of a tensor with its keys", limits.name),
      ("values of a tensor that repeats its storage (stride 0)", limits.expandedValues),
    ] {
      let row = rows.first { $0.first == name.filter { $0 != " " } }
      #expect(row?.last?.prefix(while: \.isNumber) == "\(limit)", "\(name)")
    }
  }
}
