"""The keeper of a PostgreSQL that survives a power cut: ``python -m tests.load.durable_postgres FOLDER``."""

import sys
from pathlib import Path

from tests.support import postgres

# Nothing about durability or memory: what is not named here is PostgreSQL's default.
CONFIGURATION = {"max_connections": "200", "listen_addresses": "''"}

if __name__ == "__main__":
    postgres.CONFIGURATION = CONFIGURATION
    postgres.keep(Path(sys.argv[1]))
