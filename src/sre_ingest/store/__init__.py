"""What the gateway keeps on its own disk, in one SQLite database a data directory. Nothing else knows sqlite3."""
