"""Timestamps of signed roots by an outside authority (RFC 3161), where the operator named one.

A root waits until an answer was had: without network it stays pending and is asked for again later. What
is kept is the authority's whole answer, which anybody can check with `openssl ts -verify`.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import or_, select

from mapper.config import Authority
from mapper.store.store import Store
from mapper.store.tables import LedgerRoot

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

ASK_AGAIN = timedelta(minutes=15)
PATIENCE_SECONDS = 10.0
LARGEST_ANSWER = 100_000  # bytes; with a chain of certificates, 10,000 are usual
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"

log = structlog.get_logger()


class NoTimestamp(Exception):
    """The authority gave no timestamp that holds; the message says why."""


def work(store: Store) -> int:
    """Ask for the timestamp of one root that waits; return 1 when it was given."""
    if store.authority is None:
        return 0
    with store.read() as session:
        due = or_(LedgerRoot.asked_at.is_(None), LedgerRoot.asked_at <= store.clock() - ASK_AGAIN)
        query = select(LedgerRoot).where(LedgerRoot.token.is_(None), due)
        root = session.scalars(query.order_by(LedgerRoot.asked_at.nulls_first()).limit(1)).first()
    return 0 if root is None else _ask_for(store, store.authority, root)


def timestamp(authority: Authority, statement: bytes) -> bytes:
    """Return an authority's answer for a statement, as it came. Raises NoTimestamp."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

    request = TimestampRequestBuilder().data(statement).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = _post(authority.url, request.as_bytes())
    try:
        response = decode_timestamp_response(answer)
    except ValueError as error:
        raise NoTimestamp(f"the answer is no timestamp: {error}") from error
    _check(authority, request, response, statement)
    return answer


def _ask_for(store: Store, authority: Authority, root: LedgerRoot) -> int:
    problem, token = None, None
    try:
        token = timestamp(authority, root.statement.encode())
    except NoTimestamp as error:
        problem = str(error)[:500]
        log.warning("no timestamp", number=root.number, problem=problem)
    with store.write() as session:  # never held while the authority is asked
        kept = session.get_one(LedgerRoot, (root.crisis_id, root.number))
        kept.token, kept.problem, kept.asked_at = token, problem, store.clock()
    return 0 if token is None else 1


def _post(url: str, body: bytes) -> bytes:
    import urllib3

    try:
        with urllib3.PoolManager(retries=False, timeout=PATIENCE_SECONDS) as pool:
            answer = pool.request(
                "POST", url, body=body, headers={"Content-Type": QUERY}, preload_content=False, redirect=False
            )
            data = answer.read(LARGEST_ANSWER + 1)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise NoTimestamp(f"the authority was not reached: {error}") from error
    if answer.status != 200 or len(data) > LARGEST_ANSWER:
        raise NoTimestamp(f"the authority answered {answer.status} with {len(data)} bytes")
    return data


def _check(
    authority: Authority, request: TimeStampRequest, response: TimeStampResponse, statement: bytes
) -> None:
    """Raise NoTimestamp unless the answer is granted, for this statement, to this request."""
    if response.status != 0:
        raise NoTimestamp(f"the authority refused with status {response.status}: {response.status_string}")
    if response.tst_info.message_imprint.message != hashlib.sha256(statement).digest():
        raise NoTimestamp("the timestamp is of something else")
    if response.tst_info.nonce != request.nonce:
        raise NoTimestamp("the timestamp answers another request")
    if authority.roots is not None:
        _check_chain(authority.roots, request, response, statement)


def _check_chain(
    roots: Path, request: TimeStampRequest, response: TimeStampResponse, statement: bytes
) -> None:
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        builder = VerifierBuilder.from_request(request)
        for certificate in load_pem_x509_certificates(roots.read_bytes()):
            builder = builder.add_root_certificate(certificate)
        builder.build().verify_message(response, statement)
    except (VerificationError, ValueError, OSError) as error:
        raise NoTimestamp(f"the timestamp does not hold: {error}") from error
