"""`python -m sre_ingest` and the command `sre-ingest`."""

from sre_ingest.cli import app as main

if __name__ == "__main__":
    main()
