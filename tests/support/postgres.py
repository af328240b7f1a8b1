"""A real PostgreSQL for the tests: one server per test run, one database per xdist worker.

The server belongs to a keeper process in a session of its own. Every user of the server holds a shared lock on one
file; the kernel lets go of it when the user's process ends, however it ends. The keeper waits for the exclusive lock,
then stops the server and removes its folder: nothing stays behind after Ctrl-C or a killed worker, and a run that
needs no database never starts one.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

USER = "hengjian"
THIS_PROCESS = uuid.uuid4().hex
# Tests do not outlive a power cut, so the disk need not keep up; everything else is PostgreSQL's default.
CONFIGURATION = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "''",
    "shared_buffers": "'64MB'",
}


@dataclass(frozen=True)
class Postgres:
    """A running server, reached through the Unix socket in ``socket_folder``."""

    socket_folder: Path

    def create_database(self, name: str) -> str:
        """Create the database anew (dropping one of that name) and return its SQLAlchemy URL."""
        with psycopg.connect(host=str(self.socket_folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return f"postgresql+psycopg://{USER}@/{name}?host={self.socket_folder}"


@contextmanager
def start_postgres(run: str | None = None) -> Iterator[Postgres]:
    """Use the server of this test run (shared by its xdist workers), starting it if nobody has.

    Args:
        run: names the server that is shared; by default the xdist run, or else this process.

    Raises:
        RuntimeError: PostgreSQL is not installed, or did not start; the message carries its log.
    """
    run = run or os.environ.get("PYTEST_XDIST_TESTRUNUID") or THIS_PROCESS
    folder = Path(tempfile.gettempdir()) / f"hengjian-tests-{os.getuid()}-{run[:16]}"
    with _turn():
        while (users := _join(folder)) is None:
            time.sleep(0.05)  # the keeper is taking the previous server down
        if not (folder / "ready").exists():
            _start_keeper(folder)
    try:
        yield Postgres(folder)
    finally:
        os.close(users)


@contextmanager
def _turn() -> Iterator[None]:
    """One process at a time looks for the server, so that only one starts it."""
    path = Path(tempfile.gettempdir()) / f"hengjian-tests-{os.getuid()}.turn"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _join(folder: Path) -> int | None:
    """Hold the shared lock of the server's users; None while a keeper is removing the folder."""
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        users = os.open(folder / "users", os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(users)
        return None
    if not _same_file(users, folder / "users"):
        os.close(users)
        return None
    return users


def _same_file(descriptor: int, path: Path) -> bool:
    """Whether the locked file is still the one that others would find under its name."""
    return path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino


def _start_keeper(folder: Path) -> None:
    log = folder / "keeper.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + 60
    while not (folder / "ready").exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            story = log.read_text()
            shutil.rmtree(folder)
            raise RuntimeError(f"PostgreSQL did not start:\n{story}")
        time.sleep(0.02)
    # It outlives this process on purpose; without this, Popen would complain of that on exit.
    keeper.returncode = 0


def keep(folder: Path) -> None:
    """Run a server in the folder until its last user is gone, then remove the folder."""
    binaries = find_binaries()
    account = _account()
    data = folder / "data"
    data.mkdir(mode=0o700)
    if account:
        for path in (folder, data):
            os.chown(path, account.pw_uid, account.pw_gid)
    as_written = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    _run(account, folder, binaries / "initdb", "-D", data, "-U", USER, *as_written)
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.writelines(f"{name} = {value}\n" for name, value in CONFIGURATION.items())
        configuration.write(f"unix_socket_directories = '{folder}'\n")
    control = (binaries / "pg_ctl", "-D", data, "-w")
    _run(account, folder, *control, "-l", data / "server.log", "start")
    try:
        (folder / "ready").touch()
        with (folder / "users").open("rb") as users:
            fcntl.flock(users, fcntl.LOCK_EX)  # granted when the last user is gone, and held to the end
            _run(account, folder, *control, "-m", "immediate", "stop")
            shutil.rmtree(folder)
    except BaseException:
        _run(account, folder, *control, "-m", "immediate", "stop")
        raise


def start(folder: Path) -> None:
    """Start the server in a keeper's folder again, after every process of it was killed; it recovers first."""
    data = folder / "data"
    # Where nobody collects the dead (in many containers), the server would take its own corpse for alive.
    for claim in (data / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
        claim.unlink(missing_ok=True)
    _run(_account(), folder, find_binaries() / "pg_ctl", "-D", data, "-w", "-l", data / "server.log", "start")


def find_binaries() -> Path:
    """The folder of the newest PostgreSQL server installed; RuntimeError where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    if elsewhere:
        return Path(elsewhere).resolve().parent
    raise RuntimeError("There is no PostgreSQL server on this machine; script/setup --test installs one.")


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: the account to run it under, None for the present one."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("Root cannot run PostgreSQL, and there is neither an account postgres nor nobody.")


def _run(account: pwd.struct_passwd | None, folder: Path, *command: str | Path) -> None:
    print("+", *command, flush=True)
    if account is None:
        subprocess.run(command, cwd=folder, check=True)
    else:
        subprocess.run(command, cwd=folder, check=True, user=account.pw_uid, group=account.pw_gid, extra_groups=[])


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
