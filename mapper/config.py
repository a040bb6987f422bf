"""Settings: read once from the environment, typed, checked, and passed on by argument."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Levels(NamedTuple):
    """Probabilities from which fusion joins by itself, and from which it asks a verifier."""

    join: float = 0.6
    propose: float = 0.25


DEFAULT_LEVELS = Levels()


class Authority(NamedTuple):
    """Who timestamps (RFC 3161): an address, and the PEM file to check its answers against, if any."""

    url: str
    roots: Path | None


class SettingsError(Exception):
    """A setting is missing or unusable; the message says which and what to do."""


class BasemapSource(BaseModel):
    """One base map that the operator offers beside the built-in world.

    `address` is a .pmtiles or .mbtiles file, or an http(s) address with {z}, {x} and {y} in it, or with
    {bbox} (a WMS GetMap of 256 x 256 pixels in EPSG:3857, version 1.1.1 or 1.3.0). Browsers never learn it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=80)
    address: str = Field(min_length=1, max_length=1000)
    attribution: str = Field("", max_length=200)
    kind: Literal["raster", "vector"] = "raster"  # of an http address; a file says it itself
    max_zoom: int = Field(19, ge=0, le=22)
    public: bool = False  # whether people who are not signed in get it too
    keep_days: int = Field(30, ge=0, le=365)  # how long a fetched tile is kept

    @property
    def is_remote(self) -> bool:
        """Whether tiles are fetched from another machine."""
        return urlsplit(self.address).scheme in {"http", "https"}

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if not self.is_remote:
            if Path(self.address).suffix not in {".pmtiles", ".mbtiles"}:
                raise ValueError(f"{self.name}: a base map is a .pmtiles or .mbtiles file or an http address")
            return self
        parts = urlsplit(self.address)
        if "{" in parts.netloc or not parts.hostname:
            raise ValueError(f"{self.name}: the address needs a fixed host")
        places = ("{z}", "{x}", "{y}")
        if "{bbox}" not in self.address and not all(place in self.address for place in places):
            raise ValueError(f"{self.name}: the address needs {{z}}, {{x}} and {{y}}, or {{bbox}} for WMS")
        return self


class Settings(BaseSettings):
    """Everything an operator can set. Each field is the variable `MAPPER_` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="MAPPER_", frozen=True, extra="ignore")

    data: Path = Field(Path("var"), description="Folder of database, blobs, snapshots and generated keys.")
    database_url: str = Field(
        "", description="SQLAlchemy address; empty means SQLite inside the data folder."
    )
    blobs_url: str = Field(
        "",
        description="Where evidence is kept: empty for a folder under the data folder, or s3://bucket/prefix.",
    )
    snapshots_url: str = Field(
        "", description="Folder of snapshots; empty means `snapshots` inside the data folder."
    )
    public_url: str = Field("http://localhost:8000", description="Address under which people reach the site.")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many proxies in front may set X-Forwarded-* headers."
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs sessions; generated on loopback, required elsewhere."
    )
    key_encryption_key: SecretStr = Field(
        SecretStr(""),
        description="64 hexadecimal digits that wrap every report's own key; required off loopback.",
    )
    max_body_bytes: int = Field(40_000_000, ge=10_000, description="Largest request body.")
    max_photo_bytes: int = Field(25_000_000, ge=10_000, description="Largest photo.")
    max_photo_pixels: int = Field(80_000_000, ge=1_000_000, description="Largest photo, in pixels.")
    max_photos: int = Field(6, ge=0, le=20, description="Photos, videos and PDFs in one report, together.")
    max_video_bytes: int = Field(
        36_000_000,
        ge=10_000,
        description="Largest video; a request holds no more than MAPPER_MAX_BODY_BYTES.",
    )
    archive_links: bool = Field(
        False, description="Let workers fetch links that verifiers ask to archive; needs a network."
    )
    max_pdf_bytes: int = Field(25_000_000, ge=10_000, description="Largest PDF.")
    max_batch_rows: int = Field(50_000, ge=1, description="Lines in one NDJSON request.")
    fusion_join: float = Field(
        DEFAULT_LEVELS.join,
        ge=0.5,
        le=0.99,
        description="Mean probability from which fusion joins incidents by itself; "
        "`mapper fusion levels` shows how precise each is.",
    )
    fusion_propose: float = Field(
        DEFAULT_LEVELS.propose,
        ge=0.01,
        le=0.99,
        description="Mean probability from which fusion asks a verifier whether two incidents are one.",
    )
    basemap: str = Field("", description="A .pmtiles file that replaces the built-in world map.")
    basemaps: tuple[BasemapSource, ...] = Field(
        (),
        description="More base maps to choose from, as a JSON list of {name, title, address, attribution, "
        "kind, max_zoom, public, keep_days}: files, XYZ or WMS addresses that only the server asks.",
    )
    basemap_cache_bytes: int = Field(
        500_000_000, ge=0, description="Most bytes of fetched base map tiles kept in the data folder."
    )
    embed_sites: str = Field(
        "",
        description="Sites, such as https://news.example, that may show public maps in a frame.",
    )
    timestamp_url: str = Field(
        "",
        description="Address of an RFC 3161 authority that timestamps the ledger's signed roots; "
        "empty: none is asked.",
    )
    timestamp_ca: Path | None = Field(
        None,
        description="PEM file of the authority's root certificates; its answers are checked against them.",
    )
    languages: str = Field("en,fr,es,uk,ar", description="Languages offered, the first is the default.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe message that is logged."
    )
    demo: bool = Field(False, description="Show the demo accounts on the sign-in page (loopback only).")

    @field_validator("key_encryption_key")
    @classmethod
    def _is_hexadecimal(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and (len(text) != 64 or any(c not in "0123456789abcdefABCDEF" for c in text)):
            raise ValueError("MAPPER_KEY_ENCRYPTION_KEY must be 64 hexadecimal digits")
        return value

    @field_validator("embed_sites")
    @classmethod
    def _are_sites(cls, value: str) -> str:
        for site in filter(None, value.replace(",", " ").split()):
            if not SITE.fullmatch(site):
                raise ValueError(f"{site} is no site such as https://news.example (no path, no lone *)")
        return value

    @property
    def embed_site_list(self) -> list[str]:
        """The sites that may frame public maps."""
        return [site for site in self.embed_sites.replace(",", " ").split() if site]

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'mapper.sqlite3'}"

    @property
    def blobs(self) -> str:
        """The blob store's address in force: a folder or an s3:// address."""
        return self.blobs_url or str(self.data.resolve() / "blobs")

    @property
    def snapshots(self) -> Path:
        """The folder of snapshots."""
        return Path(self.snapshots_url) if self.snapshots_url else self.data.resolve() / "snapshots"

    @property
    def is_loopback(self) -> bool:
        """Whether the site is reached only from this machine."""
        return (urlsplit(self.public_url).hostname or "") in LOOPBACK

    @property
    def fusion_levels(self) -> Levels:
        """From which probabilities fusion joins by itself and asks a verifier."""
        return Levels(self.fusion_join, min(self.fusion_propose, self.fusion_join))

    @property
    def timestamp_authority(self) -> Authority | None:
        """Who is asked for timestamps; None where nobody is."""
        return Authority(self.timestamp_url, self.timestamp_ca) if self.timestamp_url else None

    @property
    def language_list(self) -> list[str]:
        """The languages offered, default first."""
        return [code.strip() for code in self.languages.split(",") if code.strip()]


def ensure_secrets(settings: Settings) -> Settings:
    """Return `settings` with both keys present.

    On loopback a missing key is generated once and kept, mode 0600, in the data folder.
    Raises SettingsError elsewhere: a generated key on a public site would be lost with the folder.
    """
    found: dict[str, SecretStr] = {}
    for name in ("secret_key", "key_encryption_key"):
        if getattr(settings, name).get_secret_value():
            continue
        if not settings.is_loopback:
            raise SettingsError(
                f"MAPPER_{name.upper()} is required when MAPPER_PUBLIC_URL is not on loopback; "
                "generate one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        found[name] = SecretStr(_generated(settings.data / f"{name}.hex"))
    return settings.model_copy(update=found) if found else settings


def _generated(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text(encoding="ascii").strip()
