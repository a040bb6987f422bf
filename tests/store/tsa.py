"""A real timestamp authority on loopback: openssl answers what it is asked over HTTP."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[signer]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = CA:FALSE
"""


def run(*command: object) -> bytes:
    """Run a command; its output."""
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout


def make_authority(folder: Path) -> Path:
    """Make an authority's keys in a folder; return its root certificate."""
    folder.mkdir()
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    ca = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=Test root"]
    run("openssl", "req", *ca, "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    asked = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Test timestamps"]
    run("openssl", "req", *asked, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr")
    signed = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "3650"]
    signed += ["-extfile", folder / "tsa.cnf", "-extensions", "signer"]
    run("openssl", "x509", "-req", "-in", folder / "tsa.csr", *signed, "-out", folder / "tsa.pem")
    return folder / "ca.pem"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the authority of a folder on a free port; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            made = ["-config", folder / "tsa.cnf", "-queryfile", query, "-out", folder / "reply.tsr"]
            run("openssl", "ts", "-reply", *made)
            body = (folder / "reply.tsr").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
