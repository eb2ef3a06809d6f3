"""Licence files as packages ship them: a GNU text with its appendix, texts with notices around them, choices."""

import re
import textwrap

import pytest

from attrib.detection import folder_finding
from attrib.license_texts import canonical_text, known_ids
from index.origins.base import LegalFile, LegalKind

GNU = [name for name in known_ids() if re.match(r"(?:A|L)?GPL-[\d.]+-only$|GFDL-1\.\d-only$", name)]
ADDRESSES = (
    "675 Mass Ave, Cambridge, MA 02139, USA",
    "59 Temple Place, Suite 330, Boston, MA  02111-1307  USA",
    "51 Franklin Street, Fifth Floor, Boston, MA 02110-1301, USA.",
)


def text_of(license_id: str) -> str:
    return canonical_text(license_id) or ""


def read(text: str) -> str:
    return folder_finding([LegalFile("COPYING", LegalKind.LICENSE, text)]).expression


def dressed(license_id: str) -> list[str]:
    """Return a GNU text as packages ship it: with other addresses, an end the SPDX list leaves out, other lines."""
    text = text_of(license_id)
    addresses = [re.sub(r"51 Franklin St[^\n]*", address, text) for address in ADDRESSES]
    advice = "If this is what you want to do, use the GNU {} General\nPublic License instead of this License."
    ends = [f"{text}\n\n{advice.format(kind)}\n" for kind in ("Lesser", "Library")]
    whole = ends[1] if license_id in ("GPL-2.0-only", "GPL-3.0-only") else text
    wrapped = "\n\n".join(textwrap.fill(part, 64) for part in re.split(r"\n\s*\n", whole))
    texinfo = re.sub(r"^\s*How to Apply", "@unnumbered Appendix: How to Apply", whole, flags=re.MULTILINE)
    headed = f"Copyright 2019 Ann Bertram\n\n{whole}\n"
    return [text, *addresses, *(ends if whole != text else ()), wrapped, texinfo, headed]


@pytest.mark.parametrize("license_id", GNU)
def test_a_gnu_text_is_that_licence_alone_whatever_its_appendix_names(license_id: str) -> None:
    family = license_id.removesuffix("-only")
    for variant in dressed(license_id):
        assert read(variant).removesuffix("-only").removesuffix("-or-later") == family


@pytest.mark.parametrize("license_id", ["GPL-2.0-only", "GPL-3.0-only", "LGPL-2.1-only"])
def test_what_follows_the_appendix_counts(license_id: str) -> None:
    text = text_of(license_id) + "\n\nThe files in doc are licensed under the Mozilla Public License 2.0.\n"
    assert "MPL-2.0" in read(text)


def test_the_lesser_gpl_takes_in_the_gpl_beside_it() -> None:
    lesser, gpl = text_of("LGPL-3.0-only"), text_of("GPL-3.0-only")
    lesser = lesser[: lesser.index("GNU GENERAL PUBLIC LICENSE\n", 100)]
    assert read(f"{lesser}\n\n{gpl}") == "LGPL-3.0-only"
    assert read(f"{gpl}\n\n{lesser}") == "LGPL-3.0-only"


def test_a_licence_that_an_exception_speaks_of_is_not_granted() -> None:
    llvm = (
        "---- LLVM Exceptions to the Apache 2.0 License ----\n\nIn addition, if you combine or link compiled forms of "
        "this Software with software that is licensed under the GPLv2 (Combined Software) and if a court determines "
        "that the patent provision conflicts with the conditions of the GPLv2, you may waive it.\n"
    )
    assert read(text_of("Apache-2.0") + "\n\n" + llvm) == "Apache-2.0 WITH LLVM-exception"


def test_two_versions_named_as_a_choice_are_one() -> None:
    notice = "Licensed under the GNU General Public License as published by the Free Software Foundation; either "
    assert read(notice + "version 2 or 3 of the License.") == "GPL-2.0-only OR GPL-3.0-only"
    assert read(notice + "version 2 or any later version.") == "GPL-2.0-or-later"


def test_sentences_that_may_be_missing_leave_a_text_what_it_is() -> None:
    hpnd = text_of("HPND").replace("<copyright holder>", "Corvus Systems").replace("<related entities>", "Corvus")
    digital = re.sub(r"Corvus Systems makes no representations.*?warranty\.", "", hpnd, flags=re.DOTALL)
    x11 = text_of("X11").replace("X Consortium", "Corvus Systems")
    assert read(hpnd) == read(digital) == "HPND"
    assert read(re.sub(r"X Window System is a trademark[^\n]*", "", x11)) == "X11"
    assert read(text_of("BSD-4-Clause-UC").partition("\n")[2]) == "BSD-4-Clause-UC"


def test_a_title_above_a_text_is_part_of_it() -> None:
    terms = text_of("MIT").partition("\n")[2]
    for title in ("The MIT License (MIT)", "MIT License", "# The MIT license"):
        gpl = "\n\nsignatures.c is under the terms of the GNU General Public License, version 2 or later.\n"
        assert read(f"{title}\n{terms}{gpl}") == "MIT AND GPL-2.0-or-later"
