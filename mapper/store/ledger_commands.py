"""`mapper ledger …`: verify the chain, sign heads and roots, and give an outsider the proof."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mapper.store import bundles, ledger, proof, roots, timestamps
from mapper.store.opening import Deployment, crisis_or_fail, json_anyway, pass_deployment
from mapper.store.store import Store
from mapper.store.tables import Crisis


@click.group("ledger")
def ledger_group() -> None:
    """Prove that no record was altered, removed, reordered or cut off."""


@ledger_group.command("verify")
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option(
    "--head", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A head signed earlier."
)
@json_anyway
@pass_deployment
def ledger_verify(deployment: Deployment, slug: str, head: Path | None) -> None:
    """Walk the whole chain: exit 0 with counts as JSON, or exit 1 with the first bad entry."""
    store = deployment.store
    with store.read() as session:
        item = crisis_or_fail(session, slug)
    try:
        signed = proof.read_head(store, item, head.read_text(encoding="utf-8")) if head else None
        found = proof.verify(store, item, signed)
    except (proof.LedgerBroken, proof.HeadUnreadable, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    age = None if found.oldest_unsealed is None else (store.clock() - found.oldest_unsealed).total_seconds()
    counts = {"sealed": found.sealed, "unsealed": found.unsealed, "oldest_unsealed_seconds": age}
    click.echo(json.dumps(counts | {"reports": found.reports, "erased": found.erased}))


@ledger_group.command("head")
@click.option("--crisis", "slug", required=True, help="The crisis.")
@json_anyway
@pass_deployment
def ledger_head(deployment: Deployment, slug: str) -> None:
    """Seal what waits, then print the signed head: keep it elsewhere, it shows a cut tail later."""
    store = deployment.store
    with store.read() as session:
        item = crisis_or_fail(session, slug)
    while ledger.seal(store, item.id):
        pass
    json.dump(proof.signed_head(store, item), sys.stdout)
    click.echo()


@ledger_group.command("seal-day")
@click.option("--crisis", "slug", required=True, help="The crisis.")
@json_anyway
@pass_deployment
def ledger_seal_day(deployment: Deployment, slug: str) -> None:
    """Sign a Merkle root over what no root covers yet, now; workers do it when a day has ended.

    Where MAPPER_TIMESTAMP_URL names an authority, its timestamp is asked for; without one it stays pending.
    """
    store, item = _opened(deployment, slug)
    _seal_all(store, item)
    roots.sign_root(store, item)
    while timestamps.work(store):
        pass
    with store.read() as session:
        latest = roots.newest(session, item.id)
    if latest is None:
        raise click.ClickException("the ledger is empty: there is nothing to sign")
    state = "pending" if latest.token is None else "given"
    body = json.loads(latest.statement) | {"timestamp": state, "problem": latest.problem}
    click.echo(json.dumps(body | {"signature": latest.signature.hex()}))


@ledger_group.command("export")
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP file."
)
@json_anyway
@pass_deployment
def ledger_export(deployment: Deployment, slug: str, output: Path) -> None:
    """Write every sealed entry, the signed roots, their timestamps and a script that checks them, as a ZIP.

    The bundle holds no personal data. Whoever gets it unpacks it and runs: python3 check.py
    """
    store, item = _opened(deployment, slug)
    try:
        counts = bundles.export_ledger(store, item, output)
    except bundles.BundleRefused as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps({"file": str(output), **counts}))


@ledger_group.command("key")
@pass_deployment
def ledger_key(deployment: Deployment) -> None:
    """Print the public key that heads and roots are signed with (PEM): publish it where others find it."""
    click.echo(roots.public_key_pem(deployment.store.keys).decode(), nl=False)


def _opened(deployment: Deployment, slug: str) -> tuple[Store, Crisis]:
    with deployment.store.read() as session:
        return deployment.store, crisis_or_fail(session, slug)


def _seal_all(store: Store, item: Crisis) -> None:
    while ledger.seal(store, item.id):
        pass
