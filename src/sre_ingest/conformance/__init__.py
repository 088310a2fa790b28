"""What every adapter owes, checked without a test runner: `sre-ingest adapters test` prints it, the tests assert it."""
