"""A workbook as one archive: its sheets, and the parts they share (ECMA-376, parts 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pmstats.report.spreadsheet import (
    LETTERS,
    MAIN,
    OFFICE,
    Look,
    Numbered,
    Page,
    Shared,
    sheet_xml,
    table_xml,
    written,
)

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
PROPERTIES = "application/vnd.openxmlformats-package.core-properties+xml"

#: The same tables give the same bytes: a workbook carries no clock.
CREATED = "1980-01-01T00:00:00Z"

#: Compressed the quickest way: the usual one is a tenth of the CPU for a twentieth of the size.
QUICK = 1

#: Letters that a cell may hold.
LONGEST = 32_767

#: Formats of numbers up to this one are known to every program.
KNOWN_FORMATS = 163

#: No cell is filled (the second filling is there by rule); border 1 is a line under a cell.
FILLS_AND_BORDERS = (
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="2">'
    "<border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/>"
    '<bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>'
)


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive, what kind of XML it is, and the text of it."""

    name: str
    kind: str
    text: str


def archive(pages: Sequence[Page], *, title: str, marking: str) -> bytes:
    """The bytes of a workbook of these sheets, each printed under the marking.

    Raises `ValueError` for two tables of one name.
    """
    parts = _parts(pages, title=title, marking=marking)
    file = BytesIO()
    with ZipFile(file, "w") as held:
        for part in (Part("[Content_Types].xml", "", _content_types(parts)), *parts):
            text = DECLARATION + part.text
            held.writestr(ZipInfo(part.name), text, ZIP_DEFLATED, compresslevel=QUICK)
    return file.getvalue()


def _parts(pages: Sequence[Page], *, title: str, marking: str) -> list[Part]:
    names = [page.table.name.lower() for page in pages if page.table]
    if len({*names}) < len(names):
        raise ValueError("Two tables of a workbook have one name.")
    shared = Shared()
    parts, leads = [], []
    for number, page in enumerate(pages, start=1):
        sheet = sheet_xml(page, shared, marking=marking, front=number == 1)
        parts.append(Part(f"xl/worksheets/sheet{number}.xml", _kind("worksheet"), sheet))
        leads.append((f"{OFFICE}/worksheet", f"worksheets/sheet{number}.xml"))
        if page.table:
            table = table_xml(page, page.table, number=number)
            parts += [
                Part(f"xl/tables/table{number}.xml", _kind("table"), table),
                _relations(
                    f"xl/worksheets/_rels/sheet{number}.xml.rels",
                    [(f"{OFFICE}/table", f"../tables/table{number}.xml")],
                ),
            ]
    leads += [(f"{OFFICE}/{name}", f"{name}.xml") for name in ("styles", "sharedStrings")]
    return [
        *parts,
        Part("xl/styles.xml", _kind("styles"), _styles(shared.looks)),
        Part("xl/sharedStrings.xml", _kind("sharedStrings"), _strings(shared.words)),
        Part("xl/workbook.xml", _kind("sheet.main"), _workbook(pages)),
        _relations("xl/_rels/workbook.xml.rels", leads),
        Part("docProps/core.xml", PROPERTIES, _properties(title)),
        _relations(
            "_rels/.rels",
            [
                (f"{OFFICE}/officeDocument", "xl/workbook.xml"),
                (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ],
        ),
    ]


def _kind(name: str) -> str:
    return f"application/vnd.openxmlformats-officedocument.spreadsheetml.{name}+xml"


def _content_types(parts: Sequence[Part]) -> str:
    kinds = "".join(
        f'<Override PartName="/{part.name}" ContentType="{part.kind}"/>'
        for part in parts
        if part.kind != RELATIONS
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{RELATIONS}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>'
    )


def _relations(name: str, leads: Iterable[tuple[str, str]]) -> Part:
    """The part that says where another leads: a kind and a place each, numbered from `rId1`."""
    held = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{place}"/>'
        for number, (kind, place) in enumerate(leads, start=1)
    )
    text = f'<Relationships xmlns="{PACKAGE}/relationships">{held}</Relationships>'
    return Part(name, RELATIONS, text)


def _workbook(pages: Sequence[Page]) -> str:
    sheets = "".join(
        f'<sheet name="{page.name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, page in enumerate(pages, start=1)
    )
    printed = "".join(
        f'<definedName name="_xlnm.Print_Area" localSheetId="{place}">'
        f"'{page.name}'!$A$1:${LETTERS[page.printed - 1]}${page.last}</definedName>"
        for place, page in enumerate(pages)
    )
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{printed}</definedNames></workbook>"
    )


def _strings(words: Iterable[str]) -> str:
    held = "".join(
        f'<si><t xml:space="preserve">{written(text[:LONGEST])}</t></si>' for text in words
    )
    return f'<sst xmlns="{MAIN}">{held}</sst>'


def _styles(looks: Numbered[Look]) -> str:
    fonts, formats = Numbered[str](), Numbered[str]({"": 0})
    cells = "".join(_style(look, fonts, formats) for look in looks)
    _, *own = formats
    numbers = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{written(form)}"/>'
        for number, form in enumerate(own, start=KNOWN_FORMATS + 1)
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(own)}">{numbers}</numFmts>'
        f'<fonts count="{len(fonts)}">{"".join(fonts)}</fonts>{FILLS_AND_BORDERS}'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="{len(looks)}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _style(look: Look, fonts: Numbered[str], formats: Numbered[str]) -> str:
    form = formats[look.number]
    sides = {"horizontal": look.side, "vertical": "top" * look.top, "wrapText": "1" * look.wrapped}
    placed = "".join(f' {name}="{value}"' for name, value in sides.items() if value)
    return (
        f'<xf numFmtId="{KNOWN_FORMATS + form if form else 0}" fontId="{fonts[_font(look)]}" '
        f'fillId="0" borderId="{int(look.ruled)}" xfId="0" applyNumberFormat="1" applyFont="1" '
        f'applyBorder="1" applyAlignment="1"><alignment{placed}/></xf>'
    )


def _font(look: Look) -> str:
    bold, under = "<b/>" if look.bold else "", "<u/>" if look.link else ""
    colour = '<color rgb="FF0000FF"/>' if look.link else ""
    return (
        f'<font>{bold}{under}<sz val="{look.size}"/>{colour}<name val="{look.font}"/>'
        '<family val="2"/></font>'
    )


def _properties(title: str) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{written(title)}</dc:title><dc:creator>pmstats</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{CREATED}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{CREATED}</dcterms:modified>'
        "</cp:coreProperties>"
    )
