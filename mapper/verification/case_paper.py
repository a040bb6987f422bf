"""The report of a case file as PDF: what is known, who decided, where evidence came from, and the limits."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import render_template

from mapper.exchange.paper import set_pdf
from mapper.exchange.titles import damage_words, title_of
from mapper.store.custody import ACTS
from mapper.store.tables import Crisis
from mapper.verification.words import page_words
from mapper.web.locale import language, text_direction


@dataclass(frozen=True)
class Request:
    """Who wants a case file, why, and whether with the sealed originals in place of the working copies."""

    user_id: int | None  # None: the operator at the command line, who sees no open assessment
    email: str | None
    reason: str
    with_originals: bool


def case_pdf(
    crisis: Crisis,
    detail: Mapping[str, Any],
    asked: Request,
    files: Mapping[str, str],
    counts: Mapping[str, int],
    head: Mapping[str, Any],
    thumbnails: Mapping[str, bytes],
) -> bytes:
    """Return the report in the language in force. `files` are names and SHA-256 of what is in the bundle."""
    html = render_template(
        "verification/case_paper.html",
        crisis=crisis,
        case=detail,
        asked=asked,
        files=files,
        counts=counts,
        head=head,
        pictures={name: base64.b64encode(data).decode() for name, data in thumbnails.items()},
        title=title_of(detail["sector"], detail["asset"], detail["damage_low"], detail["damage_high"]),
        words=page_words(),
        acts=ACTS,
        damage_words=damage_words,
        moment_of=lambda text: datetime.fromisoformat(text) if text else None,
        made_at=datetime.fromisoformat(head["at"]),
        language=language(),
        direction=text_direction(),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        set_pdf(html, path)
        return path.read_bytes()
