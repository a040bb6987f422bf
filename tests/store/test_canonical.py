"""The fast way of writing canonical JSON writes what RFC 8785 says."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from mapper.store.canonical import canonical

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = TEXT | st.integers(-(2**53) + 1, 2**53 - 1) | st.none() | st.booleans() | st.lists(TEXT)
ANY = st.recursive(PLAIN | st.floats(allow_nan=False, allow_infinity=False), st.lists)


@given(st.dictionaries(TEXT, ANY))
def test_every_object_is_written_as_the_standard_says(value: dict[str, object]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(st.characters(codec="ascii")), PLAIN))
def test_a_plain_object_is_written_as_the_standard_says(value: dict[str, object]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, float("nan"), object(), "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"value": value})
