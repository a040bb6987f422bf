"""Encodings, recognised from the bytes alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from mapper.files.charsets import charset_of

UKRAINIAN = "Опис;Дата\nПошкоджено підстанцію, об'єкт знеструмлено;24.02.2022\nЗруйновано міст через Десну;\n"
FRENCH = "Lieu;État\nPréfecture;effondré\nHôpital général;très endommagé\n"
TURKISH = "Yer;Durum\nHatay;yıkılmış bina, içme suyu yok\nŞehir;kağıt, üç ölü\n"
ARABIC = "الموقع;الوصف\nحلب;تدمير مبنى سكني، لا ماء\nإدلب;قصف مستشفى\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (UKRAINIAN, "utf-8"),
        (UKRAINIAN, "utf-8-sig"),
        (UKRAINIAN, "utf-16"),
        (UKRAINIAN, "utf-16-be"),
        (UKRAINIAN, "utf-32"),
        (UKRAINIAN, "cp1251"),
        (UKRAINIAN, "koi8_u"),
        (FRENCH, "cp1252"),
        (FRENCH, "utf-16-le"),
        (TURKISH, "cp1254"),
        (ARABIC, "cp1256"),
        (ARABIC, "utf-16"),
    ],
)
def test_text_comes_back_whatever_its_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "table.csv"
    if encoding == "utf-16-be":  # big-endian with its mark
        path.write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
    else:
        path.write_bytes(text.encode(encoding))
    charset = charset_of(path)
    assert path.read_text(encoding=charset.name, errors=charset.errors) == text


def test_utf16_without_mark_is_known_by_its_nuls(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("lat,lon,text\n1.5,2.5,bridge\n".encode("utf-16-le"))
    assert charset_of(path).name == "utf-16-le"


def test_a_stray_byte_does_not_turn_a_utf8_file_into_a_code_page(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(UKRAINIAN.encode() * 5 + b"caf\xe9\n")
    charset = charset_of(path)
    assert charset.name == "utf-8"
    assert "міст через Десну" in path.read_text(encoding=charset.name, errors=charset.errors)


def test_a_late_byte_decides_too(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" * 1_000_000 + FRENCH.encode("cp1252"))
    assert charset_of(path).name == "cp1252"
