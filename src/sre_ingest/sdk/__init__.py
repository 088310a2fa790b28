"""All a room may import, beside the contract: what comes in, what goes out, and the words between."""
