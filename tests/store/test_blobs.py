"""Blobs keep bytes under their hash, in a folder and in S3."""

import hashlib

import pytest
from mapper.store.blobs import BlobMissing, FolderBlobs, S3Blobs, open_blobs


@pytest.fixture(params=["folder", "s3"])
def blobs(request, tmp_path, monkeypatch):
    if request.param == "folder":
        yield FolderBlobs(tmp_path / "blobs")
        return
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1").create_bucket(
        Bucket="evidence"
    )
    yield open_blobs("s3://evidence/crisis")
    server.stop()


def test_bytes_come_back_under_their_hash(blobs):
    name = blobs.put(b"a photo")
    assert name == hashlib.sha256(b"a photo").hexdigest()
    assert blobs.put(b"a photo") == name
    assert blobs.get(name) == b"a photo"


def test_a_forgotten_blob_is_missing(blobs):
    name = blobs.put(b"gone")
    blobs.delete(name)
    blobs.delete(name)
    with pytest.raises(BlobMissing):
        blobs.get(name)


def test_a_name_cannot_climb_out_of_the_folder(tmp_path):
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(BlobMissing):
        FolderBlobs(tmp_path / "blobs").get("../../secret")


def test_no_half_written_blob_is_ever_seen(tmp_path, monkeypatch):
    blobs = FolderBlobs(tmp_path)

    def full_disk(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        blobs.put(b"half")
    with pytest.raises(BlobMissing):
        blobs.get(hashlib.sha256(b"half").hexdigest())


def test_s3_addresses_open_s3():
    assert isinstance(open_blobs("s3://bucket/prefix"), S3Blobs)
