/// A value with its tag.
///
/// The field numbers are defined in TensorFlow's `summary.proto`, `tensor.proto` and
/// `tensor_shape.proto`.
struct SummaryValue: Equatable, Sendable {
  /// The content of a value.
  enum Content: Equatable, Sendable {
    /// A point of a curve.
    case scalar(Float)

    /// An image.
    case image(width: Int, height: Int, png: [UInt8])

    /// The number of values per interval.
    case histogram([HistogramBucket])

    /// A message of the hyperparameter plugin.
    case hyperparameters(ProtobufMessage)
  }

  /// The name of the series; the part before the first `/` is its group.
  let tag: String

  /// The content.
  let content: Content

  /// A description of the series in Markdown, written once per file; may be empty.
  var description = ""

  /// The value as a message.
  var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, text: tag)
    switch content {
    case .scalar(let value): message.add(2, float: value)
    case .image(let width, let height, let png):
      message.add(4) { image in
        image.add(1, integer: height)
        image.add(2, integer: width)
        image.add(3, integer: 3)  // red, green, blue
        image.add(4, bytes: png)
      }
    case .histogram(let buckets):
      message.add(
        8, tensor: buckets.flatMap { [$0.lower, $0.upper, Double($0.count)] },
        shape: [buckets.count, 3])
    case .hyperparameters: message.add(8, tensor: [], shape: [0])
    }
    message.add(9) { metadata in
      metadata.add(1) { plugin in
        plugin.add(1, text: pluginName)
        if case .hyperparameters(let content) = self.content { plugin.add(2, bytes: content.bytes) }
      }
      if !description.isEmpty { metadata.add(3, text: description) }
      // Without a data class, TensorBoard's reader guesses it and discards the description.
      metadata.add(4, integer: dataClass)
    }
    return message
  }

  /// `DATA_CLASS_SCALAR`, `DATA_CLASS_TENSOR` or `DATA_CLASS_BLOB_SEQUENCE`.
  private var dataClass: Int {
    switch content {
    case .scalar: 1
    case .histogram, .hyperparameters: 2
    case .image: 3
    }
  }

  private var pluginName: String {
    switch content {
    case .scalar: "scalars"
    case .image: "images"
    case .histogram: "histograms"
    case .hyperparameters: "hparams"
    }
  }
}

extension ProtobufMessage {
  /// Adds a tensor of doubles.
  fileprivate mutating func add(_ field: UInt64, tensor values: [Double], shape: [Int]) {
    add(field) { tensor in
      tensor.add(1, integer: 2)  // DT_DOUBLE
      tensor.add(2) { message in
        for dimension in shape { message.add(2) { $0.add(1, integer: dimension) } }
      }
      tensor.add(4, bytes: values.flatMap { $0.bitPattern.littleEndianBytes })
    }
  }
}
