#!/usr/bin/env python3
"""Check an exported bundle without the program that made it: python3 check.py [--timestamp-ca CA.pem]

Run it in the unpacked bundle. It needs Python 3.9 or newer and nothing else; signatures are checked with
the `cryptography` package where it is installed, else with the `openssl` command (3 or newer), which
timestamps need in any case. Every line of entries.jsonl is the very text whose SHA-256 is the entry's hash.
"""

import hashlib
import hmac
import json
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

ZERO = "0" * 64


class Wrong(Exception):
    """Something in the bundle does not hold."""


def need(holds: bool, what: str) -> None:
    """Raise Wrong unless something holds."""
    if not holds:
        raise Wrong(what)


def sha256(data: bytes) -> str:
    """Return the SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two nodes of a tree (RFC 6962)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf(entry_hash: str) -> bytes:
    """Return the hash of a tree's leaf (RFC 6962): its data is the entry's hash."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(entry_hash)).digest()


def root_of(level: "list[bytes]") -> str:
    """Return the root above leaves: pairs are hashed from the left, and a lone one moves up as it is."""
    while len(level) > 1:
        pairs = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[2 * len(pairs) :]
    return level[0].hex()


def check_chain(lines: "list[bytes]") -> "list[str]":
    """Return the hashes of all entries, each of which names its number and its predecessor's hash."""
    hashes = [ZERO]
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        need(
            entry["seq"] == number and entry["previous"] == hashes[-1], f"entry {number} is altered or moved"
        )
        hashes.append(sha256(line))
    return hashes


def signed_by(key: Path, data: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature holds."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError:
        need(bool(shutil.which("openssl")), "signatures need the cryptography package or openssl")
        (key.parent / ".data").write_bytes(data)
        (key.parent / ".signature").write_bytes(signature)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-rawin"]
        command += ["-in", str(key.parent / ".data"), "-sigfile", str(key.parent / ".signature")]
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
        (key.parent / ".data").unlink()
        (key.parent / ".signature").unlink()
        return done.returncode == 0
    try:
        found = load_pem_public_key(key.read_bytes())
        need(isinstance(found, Ed25519PublicKey), "key.pem is no Ed25519 key")
        found.verify(signature, data)  # type: ignore[union-attr, call-arg]
    except InvalidSignature:
        return False
    return True


def check_roots(folder: Path, hashes: "list[str]", authority: str) -> "dict[int, Any]":
    """Return the signed statements by number; each must follow from the one before, and from all entries."""
    statements: dict[int, Any] = {}
    previous, last = ZERO, 0
    for path in sorted(folder.glob("roots/*.json"), key=lambda path: int(path.stem)):
        data, told = path.read_bytes(), json.loads(path.read_bytes())
        need(
            signed_by(folder / "key.pem", data, path.with_suffix(".sig").read_bytes()), f"signature of {path}"
        )
        follows = told["previous_root"] == previous and told["first_seq"] == last + 1
        need(follows and told["number"] == len(statements) + 1, f"{path} does not follow from the one before")
        previous, last = told["root"], told["last_seq"]
        statements[told["number"]] = told
        if hashes:
            need(
                last < len(hashes) and hashes[last] == told["last_hash"],
                f"entries of {path} were cut or altered",
            )
            need(
                root_of([leaf(h) for h in hashes[told["first_seq"] : last + 1]]) == previous,
                f"root of {path}",
            )
        stamp = path.with_suffix(".tsr")
        if authority and stamp.exists():
            command = [
                "openssl",
                "ts",
                "-verify",
                "-data",
                str(path),
                "-in",
                str(stamp),
                "-CAfile",
                authority,
            ]
            done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
            need(done.returncode == 0, f"timestamp of {path}")
    return statements


def check_proofs(folder: Path, statements: "dict[int, Any]") -> "dict[Any, Any]":
    """Return the entries of a case file by id, each of them proven to be under a signed root."""
    entries = {}
    for line in (folder / "proofs.jsonl").read_bytes().splitlines():
        proof = json.loads(line)
        data = proof["entry"].encode()
        entry, told, hashed = json.loads(data), statements[proof["root"]], leaf(sha256(data))
        for side, sibling in proof["path"]:
            other = bytes.fromhex(sibling)
            hashed = node(other, hashed) if side == "left" else node(hashed, other)
        need(hashed.hex() == told["root"], f"entry {entry['seq']} is not under root {proof['root']}")
        is_single = entry["kind"] in ("report", "decision")
        entries[(entry["kind"], entry["subject"]) if is_single else entry["seq"]] = entry
    return entries


def check_openings(folder: Path, entries: "dict[Any, Any]") -> int:
    """Return how many reports, decisions and custody events were shown to be what their entries commit to."""
    known: set[str] = set()
    opened = [json.loads(line) for line in (folder / "openings.jsonl").read_bytes().splitlines()]
    for item in opened:
        salt, content = bytes.fromhex(item["salt"]), item["content"].encode()
        is_report = item["kind"] == "report"
        found = hmac.new(salt, content, "sha256").hexdigest() if is_report else sha256(salt + content)
        entry = entries[item["seq"]] if item["kind"] == "custody" else entries[item["kind"], item["subject"]]
        need(entry["subject"] == item["subject"], f"entry of {item['kind']} {item['subject']}")
        told = entry["payload"]["commitment" if is_report else "content"]
        need(told == found, f"{item['kind']} {item['subject']}")
        said = json.loads(content)
        known.update(said["media"] if is_report else [said.get("sha256")])
    for path in folder.glob("media/original-*"):
        need(not opened or sha256(path.read_bytes()) in known, f"{path.name} is in nothing that was opened")
    return len(opened)


def main(folder: Path, authority: str) -> str:
    """Check everything; return what was found. Raises Wrong."""
    files = json.loads((folder / "manifest.json").read_bytes())["files"]
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {
        "manifest.json"
    }
    need(there == set(files), f"files are missing or were added: {sorted(there ^ set(files))}")
    for name, digest in files.items():
        need(sha256((folder / name).read_bytes()) == digest, f"{name} is not the file of the manifest")
    head = json.loads((folder / "head.json").read_bytes())
    raw_key = b64decode(b"".join((folder / "key.pem").read_bytes().splitlines()[1:-1]))[-32:]
    need(b64decode(head["public_key"]) == raw_key, "head.json names another key")
    body = {name: head[name] for name in ("at", "crisis", "hash", "seq")}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    need(signed_by(folder / "key.pem", text, b64decode(head["signature"])), "signature of head.json")
    whole = folder / "entries.jsonl"
    hashes = check_chain(whole.read_bytes().splitlines()) if whole.exists() else []
    need(
        not hashes or (len(hashes) - 1 >= head["seq"] and hashes[head["seq"]] == head["hash"]),
        "head.json: cut tail",
    )
    statements = check_roots(folder, hashes, authority)
    stamps = len(list(folder.glob("roots/*.tsr")))
    said = f"{len(files)} files, {len(statements)} signed roots, {stamps} timestamps"
    said += (
        " (checked)" if authority else " (not checked: name the authority's certificates)" if stamps else ""
    )
    if hashes:
        return f"{said}, {len(hashes) - 1} entries in one chain"
    entries = check_proofs(folder, statements)
    return f"{said}, {len(entries)} entries under them, {check_openings(folder, entries)} opened"


if __name__ == "__main__":
    try:
        given = sys.argv[2] if len(sys.argv) == 3 and sys.argv[1] == "--timestamp-ca" else ""
        print("OK:", main(Path(__file__).resolve().parent, given))
    except (Wrong, KeyError, ValueError, IndexError, TypeError, OSError) as error:
        sys.exit(f"NOT OK: {error!r}")
