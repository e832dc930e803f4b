"""What is known of a department without any release: the exact figures of its annual return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.facts import RATING, Fact, FactKind, Register

if TYPE_CHECKING:
    from pmstats.release.released.material import Material
    from pmstats.scheme import Scheme


def annual_return_register(material: Material, *, scheme: Scheme) -> Register:
    """The exact numbers that paragraphs 89 to 91 ask each department to report, as a register.

    People in the table and rated, each framing of the scheme and each box of it. Put into the
    ledger, they are what every later release is audited beside. Raises `DisclosureRefusal` for
    a scheme without release rules.
    """
    if scheme.release is None:
        raise DisclosureRefusal(f"The scheme {scheme.name} says nothing of releases.")
    (everyone,) = material.overall.rows
    asked = [scheme.rating_names]
    for framing in scheme.framings:
        asked += [framing.ratings, *((rating,) for rating in framing.ratings)]
    eligible = Fact(
        id="annual-return/everyone/eligible", kind=FactKind.EXACT, value=material.people
    )
    return Register(
        department=material.department,
        year=material.year,
        stage=material.stage,
        export=material.export,
        threshold=scheme.release.threshold,
        assumed_change=scheme.release.assumed_change,
        dimensions=material.dimensions,
        facts=(
            eligible,
            *(
                Fact(
                    id=f"annual-return/everyone/{' or '.join(boxes)}",
                    kind=FactKind.EXACT,
                    where=((RATING, boxes),),
                    value=everyone.distribution.count(*boxes),
                )
                for boxes in dict.fromkeys(asked)
            ),
        ),
    )
