"""Configuration: one frozen object, read once from the environment. A missing secret stops the process."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

REPOSITORY = Path(__file__).resolve().parent.parent


class SettingsError(RuntimeError):
    """The environment does not hold a usable configuration; the message names the variable."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs from one installation to another.

    Each field is read from the environment variable named beside it; docs/operator.md lists them for people.
    """

    secret_key: str  # HENGJIAN_SECRET_KEY: signs cookies
    ticket_secret: str  # HENGJIAN_TICKET_SECRET: ticket codes are derived from it
    data_key: str  # HENGJIAN_DATA_KEY: encrypts identity numbers at rest (32 bytes, urlsafe base64)
    instance: Path  # HENGJIAN_INSTANCE: SQLite file, exports; default instance/ in the repository
    database_url: str  # DATABASE_URL: default SQLite in the instance folder
    time_zone: str = "Asia/Shanghai"  # HENGJIAN_TIME_ZONE: in which times are shown and typed
    secure_cookies: bool = False  # HENGJIAN_SECURE_COOKIES=1: cookies over HTTPS only; always so with a certificate
    tls_certificate: str = ""  # HENGJIAN_TLS_CERTIFICATE: PEM with the chain; with it the server speaks HTTPS itself
    tls_key: str = ""  # HENGJIAN_TLS_KEY: its private key, PKCS#8
    trusted_proxies: int = 0  # HENGJIAN_TRUSTED_PROXIES: how many proxies in front set X-Forwarded-*
    public_address: str = ""  # HENGJIAN_PUBLIC_ADDRESS: https://host[:port] that candidates type; default: as asked for
    idle_minutes: int = 30  # HENGJIAN_IDLE_MINUTES: staff are signed out after so long without a request
    largest_upload: int = 20 * 1024 * 1024  # HENGJIAN_LARGEST_UPLOAD: bytes of one request body
    organisation: str = ""  # HENGJIAN_ORGANISATION: name printed on sheets and tickets

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check the settings; raise ``SettingsError`` naming the variable that is missing or wrong."""
        instance = Path(environ.get("HENGJIAN_INSTANCE") or REPOSITORY / "instance")
        certificate, key = _tls(environ)
        return cls(
            secret_key=_secret(environ, "HENGJIAN_SECRET_KEY"),
            ticket_secret=_secret(environ, "HENGJIAN_TICKET_SECRET"),
            data_key=_data_key(environ),
            instance=instance,
            database_url=_database_url(environ.get("DATABASE_URL", ""), instance),
            time_zone=_zone(environ.get("HENGJIAN_TIME_ZONE", "Asia/Shanghai")),
            secure_cookies=environ.get("HENGJIAN_SECURE_COOKIES", "") == "1" or bool(certificate),
            tls_certificate=certificate,
            tls_key=key,
            trusted_proxies=_whole_number(environ, "HENGJIAN_TRUSTED_PROXIES", 0, 0),
            public_address=_address(environ.get("HENGJIAN_PUBLIC_ADDRESS", "")),
            idle_minutes=_whole_number(environ, "HENGJIAN_IDLE_MINUTES", 30, 1),
            largest_upload=_whole_number(environ, "HENGJIAN_LARGEST_UPLOAD", 20 * 1024 * 1024, 1024),
            organisation=environ.get("HENGJIAN_ORGANISATION", ""),
        )


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if len(value) < 32:
        raise SettingsError(f"{name} is missing or shorter than 32 characters; script/server makes one in instance/")
    return value


def _data_key(environ: Mapping[str, str]) -> str:
    value = _secret(environ, "HENGJIAN_DATA_KEY")
    try:
        length = len(urlsafe_b64decode(value.encode()))
    except ValueError:
        length = 0
    if length != 32:
        raise SettingsError("HENGJIAN_DATA_KEY must be 32 bytes in urlsafe base64")
    return value


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'hengjian.sqlite3'}"
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    if url.startswith(("postgresql+psycopg://", "sqlite:///")):
        return url
    raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///")


def _tls(environ: Mapping[str, str]) -> tuple[str, str]:
    names = ("HENGJIAN_TLS_CERTIFICATE", "HENGJIAN_TLS_KEY")
    certificate, key = (environ.get(name, "") for name in names)
    for name, path, other in zip(names, (certificate, key), (key, certificate), strict=True):
        if bool(other) != bool(path):
            raise SettingsError(f"{name}: certificate and key are set together, or neither")
        if path and not Path(path).is_file():
            raise SettingsError(f"{name}: there is no file {path!r}; script/manage tls make makes one")
    return certificate, key


def _address(text: str) -> str:
    parts = urlsplit(text)
    if text and not (
        parts.scheme in ("http", "https") and parts.netloc and parts.path in ("", "/") and not parts.query
    ):
        raise SettingsError(
            f"HENGJIAN_PUBLIC_ADDRESS must be like https://exam.example.cn, without a path, not {text!r}"
        )
    return text.rstrip("/")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise SettingsError(f"HENGJIAN_TIME_ZONE: there is no time zone {name!r}") from problem
    return name


def _whole_number(environ: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise SettingsError(f"{name} must be a whole number of at least {least}, not {text!r}")
    return int(text)
