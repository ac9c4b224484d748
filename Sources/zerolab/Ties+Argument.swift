// A choice of ties as it is typed.

public import ArgumentParser
public import Training

extension Ties: ExpressibleByArgument {}
