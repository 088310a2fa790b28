"""What the contract asks beyond its descriptors, for everybody who writes or reads its envelopes.

It needs protobuf and the generated contract, and nothing of the gateway that runs: consumers import it as it is.
"""
