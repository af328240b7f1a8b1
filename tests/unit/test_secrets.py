"""The secrets of an installation: made once, for the owner alone, never in the way of the environment's own."""

import os
import subprocess
from pathlib import Path

from core.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
NAMES = ("HENGJIAN_SECRET_KEY", "HENGJIAN_TICKET_SECRET", "HENGJIAN_DATA_KEY")


def start(instance: Path, **environment: str) -> dict[str, str]:
    """The environment that the application would be started with."""
    clean = {"PATH": os.environ["PATH"], "HENGJIAN_INSTANCE": str(instance), **environment}
    answer = subprocess.run(
        ["bash", "-c", "set -euo pipefail; . script/lib.sh; load_secrets; env -0"],
        cwd=REPOSITORY,
        env=clean,
        capture_output=True,
        check=True,
        text=True,
    )
    return dict(entry.split("=", 1) for entry in answer.stdout.split("\0") if entry)


def test_a_first_start_makes_secrets_that_the_application_accepts(tmp_path: Path) -> None:
    environment = start(tmp_path / "instance")
    settings = Settings.from_environment(environment)
    assert len({settings.secret_key, settings.ticket_secret, settings.data_key}) == 3


def test_a_second_start_finds_the_same_secrets(tmp_path: Path) -> None:
    first, second = start(tmp_path), start(tmp_path)
    assert [first[name] for name in NAMES] == [second[name] for name in NAMES]


def test_two_installations_never_share_a_secret(tmp_path: Path) -> None:
    here, there = start(tmp_path / "here"), start(tmp_path / "there")
    assert not {here[name] for name in NAMES} & {there[name] for name in NAMES}


def test_nobody_but_the_owner_can_read_the_file(tmp_path: Path) -> None:
    start(tmp_path)
    assert (tmp_path / "settings.env").stat().st_mode & 0o777 == 0o600


def test_a_secret_in_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    own = "a-secret-from-the-environment-0123456789"
    environment = start(tmp_path, HENGJIAN_SECRET_KEY=own)
    assert environment["HENGJIAN_SECRET_KEY"] == own
    assert start(tmp_path)["HENGJIAN_SECRET_KEY"] != own


def test_where_the_environment_holds_every_secret_no_file_is_made(tmp_path: Path) -> None:
    start(tmp_path, **dict.fromkeys(NAMES, "a-secret-from-the-environment-0123456789"))
    assert list(tmp_path.iterdir()) == []
