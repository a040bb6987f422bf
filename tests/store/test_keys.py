"""What is sealed opens only with its own key, and a receipt is always the same."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.config import Settings, SettingsError, ensure_secrets
from mapper.store.engine import open_engine
from mapper.store.keys import Keyring, SealBroken, commit, seal, unseal

KEYS = Keyring(bytes(range(32)))


@given(st.binary(max_size=500))
def test_sealed_bytes_open_under_their_own_report_only(plain):
    report, other = uuid.uuid4(), uuid.uuid4()
    secret, wrapped = KEYS.new_secret(report)
    assert KEYS.unwrap(report, wrapped) == secret
    sealed = seal(secret, plain, report)
    assert unseal(secret, sealed, report) == plain
    with pytest.raises(SealBroken):
        unseal(secret, sealed, other)
    with pytest.raises(SealBroken):
        Keyring(bytes(32)).unwrap(report, wrapped)


def test_a_flipped_bit_is_noticed():
    report = uuid.uuid4()
    secret, _ = KEYS.new_secret(report)
    sealed = bytearray(seal(secret, b"text", report))
    sealed[-1] ^= 1
    with pytest.raises(SealBroken):
        unseal(secret, bytes(sealed), report)


def test_a_commitment_needs_its_salt():
    first, _ = KEYS.new_secret(uuid.uuid4())
    second, _ = KEYS.new_secret(uuid.uuid4())
    assert commit(first, b"same") != commit(second, b"same")


def test_receipts_have_16_digits_and_stay():
    report = uuid.uuid4()
    receipt = KEYS.receipt(report)
    assert len(receipt) == 16 and receipt.isdigit()
    assert KEYS.receipt(report) == receipt
    assert KEYS.receipt_hash(receipt) != receipt


def test_fingerprints_tell_crises_and_kinds_apart():
    assert KEYS.fingerprint(1, "text", "a") == KEYS.fingerprint(1, "text", "a")
    assert (
        len(
            {
                KEYS.fingerprint(1, "text", "a"),
                KEYS.fingerprint(2, "text", "a"),
                KEYS.fingerprint(1, "contact", "a"),
            }
        )
        == 3
    )


def test_keys_are_made_once_on_loopback_and_demanded_elsewhere(tmp_path):
    settings = Settings(data=tmp_path)
    made = ensure_secrets(settings)
    assert made.secret_key == ensure_secrets(settings).secret_key
    assert (tmp_path / "key_encryption_key.hex").stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingsError, match="MAPPER_SECRET_KEY"):
        ensure_secrets(Settings(data=tmp_path, public_url="https://map.example.org"))


@pytest.mark.parametrize("make", [ensure_secrets, lambda settings: open_engine(settings.database)])
def test_other_accounts_of_the_machine_cannot_look_into_the_data_folder(tmp_path, make):
    make(Settings(data=tmp_path / "var"))
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
