"""Runs one module's `main` on one file under limits of the kernel. Started by core.bounded as a script, never imported.

Ends with 0 when the answer is whole, 2 when memory or depth ran out, 3 for a fault of ours, by a signal when time or
room for output ran out.
"""

import errno
import json
import resource
import sys
import traceback
from importlib import import_module
from pathlib import Path


def main() -> int:
    """Work as the second argument (JSON) says on the file that the first one names."""
    path, order = sys.argv[1], json.loads(sys.argv[2])
    bounds = order["bounds"]
    for kind, most in (
        (resource.RLIMIT_AS, bounds["memory"]),
        (resource.RLIMIT_CPU, bounds["seconds"]),
        (resource.RLIMIT_FSIZE, bounds["output"]),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        # A child of a bounded child has no more than its parent.
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    try:
        import_module(order["module"]).main(path, order["arguments"], sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except (MemoryError, RecursionError):
        return 2
    except OSError as problem:
        return 2 if problem.errno == errno.EFBIG else _fault(problem)
    except Exception as problem:
        return _fault(problem)
    return 0


def _fault(problem: Exception) -> int:
    # Where, not what: the message of an exception may quote the file, and files hold keys.
    places = "".join(traceback.format_tb(problem.__traceback__))
    sys.stderr.write(f"{type(problem).__name__}\n{places}")
    return 3


if __name__ == "__main__":
    sys.exit(main())
