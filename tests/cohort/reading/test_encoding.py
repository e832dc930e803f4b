"""Text tables in the encodings people have, and in those that two programs disagreed about.

The three people are made up. é (U+00E9) and the byte-order mark (U+FEFF) are what goes wrong.
"""

import codecs
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.cohort import check_export, read_export, suggest_mapping
from pmstats.cohort.reading.cells import Source
from pmstats.cohort.reading.encoding import as_utf8
from pmstats.errors import ExportError
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
TABLE = (
    "person_id,department,grade,rating_final\r\n"
    "P1,Café Office,SCS1,Achieving\r\nP2,Café Office,SCS1,HP\r\nP3,Café Office,SCS2,HP\r\n"
)
MARK = "\ufeff"


def misread(text, page="cp1252"):
    """UTF-8 with its mark, opened in a wrong code page and saved again as UTF-8."""
    return text.encode("utf-8-sig").decode(page).encode()


#: The bytes, and what is said of them: the rules of the problems.
READ = {
    "marked": (TABLE.encode("utf-8-sig"), []),
    "marked twice": ((MARK + MARK + TABLE).encode(), []),
    "marked below a title": (f"SCS ratings\r\n\r\n{MARK}{TABLE}".encode(), []),
    "marked before a quotation mark": (f'{MARK}"person_id"{TABLE[9:]}'.encode(), []),
    "saved as cp1252 below a mark": (codecs.BOM_UTF8 + TABLE.encode("cp1252"), ["DQ14"]),
    "UTF-16": (TABLE.encode("utf-16"), []),
    "UTF-16 without its mark": (TABLE.encode("utf-16-be"), ["DQ14"]),
    "UTF-16 with the mark of UTF-8": (codecs.BOM_UTF8 + TABLE.encode("utf-16-le"), ["DQ14"]),
    "UTF-32": (TABLE.encode("utf-32"), []),
    "misread as cp1252": (misread(TABLE), ["DQ14"]),
    "misread as cp1252, then UTF-16": (misread(TABLE).decode().encode("utf-16"), ["DQ14"]),
    "misread as cp1252, no mark": (TABLE.encode().decode("cp1252").encode(), ["DQ14"]),
    "misread twice": (misread(misread(TABLE).decode()), ["DQ14"]),
    "misread as latin-1": (misread(TABLE, "latin-1"), ["DQ14"]),
    "misread on a Mac": (misread(TABLE, "mac_roman"), ["DQ14"]),
    "misread in Prague": (misread(TABLE, "cp1250"), ["DQ14"]),
    "misread under DOS": (misread(TABLE, "cp850"), ["DQ14"]),
    "misread below a title": (b"Ratings\r\n\r\n" + misread(TABLE), ["DQ14"]),
}


@pytest.mark.parametrize("name", READ)
def test_every_encoding_gives_the_same_people(name):
    """Person numbers are read, the department has its accent, and a guess is said."""
    data, said = READ[name]
    cohort = read_export(Source("e.csv", data, "0" * 64), scheme=SCHEME)
    assert cohort.departments == ("Café Office",)
    assert cohort.people["person_id"].nunique() == 3
    assert [p.rule for p in cohort.problems if not p.message.startswith("Not checked")] == said


def test_an_export_joined_to_another_keeps_its_rows_and_loses_the_header_between():
    """The mark of the second file stands in the middle, before a header met again."""
    both = TABLE.encode("utf-8-sig") + TABLE.replace("\nP", "\nQ").encode("utf-8-sig")
    cohort = read_export(Source("e.csv", both, "0" * 64), scheme=SCHEME)
    assert len(cohort) == 6
    assert any("repeated headers" in p.message for p in cohort.problems)


@pytest.mark.parametrize("kind", ["workbook", "text that is right elsewhere"])
def test_a_header_with_a_misread_mark_is_known_and_said_how_to_mend(kind):
    """Where not all of it was misread the cells stay as they are, and the header is told of."""
    text = "ï»¿" + TABLE
    data = text.encode()
    if kind == "workbook":
        book, file = openpyxl.Workbook(), io.BytesIO()
        for line in text.splitlines():
            book.active.append(line.split(","))
        book.save(file)
        data = file.getvalue()
    source = Source("e.csv", data, "0" * 64)
    (found,) = [p for p in check_export(source, scheme=SCHEME) if p.rule == "DQ14"]
    assert found.severity == "warning"
    assert "65001" in found.fix
    assert read_export(source, scheme=SCHEME).people["person_id"].nunique() == 3
    assert 'person_id = "ï»¿person_id"' in suggest_mapping(source, scheme=SCHEME)


@pytest.mark.parametrize(
    "text",
    [
        "£5 \u2013 Café \u2018Â\u2019",
        "Łódź Ôªø",
        "SOCIÉTÉ\u00a0A",
        "ÉTÉ\u2019S",
        "Ŵyl Â£ Wŷ",
    ],
)
def test_text_that_is_right_is_left_alone(text):
    """Genuine accents and signs are no sequence of UTF-8, or would make no Latin letters."""
    assert as_utf8(text.encode()) == (text.encode(), None)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["Cc"])))
def test_names_misread_as_cp1252_come_back_whole(text):
    """Whatever Latin letters, signs and accents: misread, saved and read they are the same."""
    assert as_utf8(misread("person_id," + text, "latin-1"))[0].decode() == "person_id," + text


def test_half_a_letter_of_utf_16_is_a_damaged_file():
    """A file of two bytes to a letter that ends in one was cut short, and is called so."""
    with pytest.raises(ExportError, match="cut short"):
        as_utf8(TABLE.encode("utf-16-le")[:-1])


def test_bytes_that_no_known_code_page_has_are_refused_with_what_to_do():
    """0x81 is no character of Windows-1252: the encoding is not guessed further."""
    with pytest.raises(ExportError, match=r"neither in UTF-8 nor in Windows-1252.*CSV \(UTF-8\)"):
        as_utf8(TABLE.encode("cp1252").replace(b"\xe9", b"\x81"))
