/// Limits on the resources that a pickle may use, so a small file cannot occupy the machine.
///
/// Each limit is far above the needs of a checkpoint: a tensor takes about 40 opcodes and 10 memo
/// entries.
struct PickleLimits {
  /// Opcodes of all pickles of a file.
  var opcodes = 1 << 24

  /// Values on the stack.
  var stack = 1 << 22

  /// Open marks: lists, tuples and dictionaries that are not complete yet.
  var marks = 1_000

  /// Entries of the memo.
  var memo = 1 << 22

  /// Bytes of all values in memory.
  var memory = 1 << 29

  /// Dictionaries, lists and objects inside each other, when tensors are searched.
  var depth = 200

  /// Dictionaries, lists, objects and tensors that are visited when tensors are searched, each under
  /// every name.
  var visits = 1 << 20

  /// Tensors, counted under each of their names.
  var tensors = 1 << 18

  /// Bytes of the name of a tensor with the keys of the dictionaries that contain it.
  var name = 1 << 12

  /// Values in them, each under every name.
  var values = 1 << 24

  /// Values of a tensor that repeats the values of its storage with strides of 0.
  var expandedValues = 1 << 28
}
