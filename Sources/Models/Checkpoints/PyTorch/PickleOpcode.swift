/// The opcodes that PyTorch and Python write into checkpoints, of protocols 1 to 5.
///
/// Reference: the module `pickletools` of Python, which documents all opcodes.
enum PickleOpcode: UInt8 {
  // Structure.
  case protocolVersion = 0x80
  case frame = 0x95
  case mark = 0x28
  case stop = 0x2e
  case pop = 0x30
  case popMark = 0x31
  case duplicate = 0x32

  // Numbers.
  case none = 0x4e
  case newTrue = 0x88
  case newFalse = 0x89
  case integerLine = 0x49
  case longLine = 0x4c
  case integer4 = 0x4a
  case integer1 = 0x4b
  case integer2 = 0x4d
  case long1 = 0x8a
  case long4 = 0x8b
  case real8 = 0x47

  // Texts and bytes.
  case string1 = 0x55
  case string4 = 0x54
  case unicode1 = 0x8c
  case unicode4 = 0x58
  case unicode8 = 0x8d
  case bytes1 = 0x43
  case bytes4 = 0x42
  case bytes8 = 0x8e
  case byteArray8 = 0x96

  // Containers.
  case emptyTuple = 0x29
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case tuple = 0x74
  case emptyList = 0x5d
  case append = 0x61
  case appends = 0x65
  case emptyDictionary = 0x7d
  case setItem = 0x73
  case setItems = 0x75
  case emptySet = 0x8f
  case addItems = 0x90
  case frozenSet = 0x91

  // The memo.
  case get1 = 0x68
  case get4 = 0x6a
  case put1 = 0x71
  case put4 = 0x72
  case memoize = 0x94

  // Objects.
  case global = 0x63
  case stackGlobal = 0x93
  case call = 0x52
  case newObject = 0x81
  case newObjectWithNames = 0x92
  case build = 0x62
  case persistent = 0x51
}
