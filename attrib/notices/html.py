"""A notice as one page of HTML: nothing is loaded, nothing runs, and it reads well in light and in dark."""

from html import escape

from attrib.notices.document import OPENING, TITLE, UNKNOWN_OPENING, UNKNOWN_TITLE, NoticeDocument, ShippedText, Work

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Third-party notices</title>
<style>
:root {
  color-scheme: light dark;
  --ink: #1b1f24; --soft: #57606a; --page: #ffffff; --box: #f3f4f6; --line: #d0d7de; --link: #0550ae;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #a0abb6; --page: #0d1117; --box: #161b22; --line: #30363d; --link: #79c0ff; }
}
body {
  margin: 0 auto; padding: 1.5rem; max-width: 60rem;
  color: var(--ink); background: var(--page); font: 1rem/1.5 system-ui, sans-serif;
}
a { color: var(--link); }
h2 { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0 0 .5rem 0; overflow-wrap: anywhere; }
dd ul { margin: 0; padding-left: 1.25rem; }
pre {
  padding: 1rem; overflow-x: auto; font: .85rem/1.45 ui-monospace, monospace;
  background: var(--box); border: 1px solid var(--line); border-radius: .4rem;
}
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media print { pre { white-space: pre-wrap; border: 0; padding: 0; } nav { display: none; } }
</style>
</head>
<body>
"""
_TITLE = f'<h1 id="title">{TITLE}</h1>\n'
_FOOT = "</main>\n</body>\n</html>\n"


def render(document: NoticeDocument) -> str:
    """Return the notice as an HTML page, ending in a newline; '' where there is nothing to be said."""
    if not document.works:
        return ""
    parts = [_HEAD, f"<main>\n{_TITLE}"]
    if document.known:
        parts.append(f"<p>{escape(OPENING)}</p>\n")
    parts += [_contents(document), *(_work(work, document) for work in document.known)]
    if document.unknown:
        parts.append(f'<section aria-labelledby="unknown">\n<h2 id="unknown">{escape(UNKNOWN_TITLE)}</h2>\n')
        parts.append(f"<p>{escape(UNKNOWN_OPENING)}</p>\n</section>\n")
        parts += [_work(work, document) for work in document.unknown]
    return "".join((*parts, _FOOT))


def verbatim(notice: str) -> str:
    """Return a notice that is text already, as one preformatted block of a page; '' for none."""
    if not notice:
        return ""
    block = f'<pre tabindex="0" role="region" aria-labelledby="title">\n{escape(notice.rstrip())}</pre>\n'
    return f"{_HEAD}<main>\n{_TITLE}{block}{_FOOT}"


def _contents(document: NoticeDocument) -> str:
    items = "".join(
        f'<li><a href="#work-{work.number}">{escape(work.title)}</a>,'
        f" {escape(work.license or 'licence not known')}</li>\n"
        for work in document.works
    )
    return f'<nav aria-label="Works">\n<ul>\n{items}</ul>\n</nav>\n'


def _work(work: Work, document: NoticeDocument) -> str:
    place = f"work-{work.number}"
    facts = [("Source", escape(work.purl)), ("Licence", escape(work.license or "not known"))]
    if work.choice is not None:
        facts.append(("Choice", escape(work.choice)))
    if work.places:
        facts.append(("Reproduced here", _list(work.places)))
    if work.changes is not None:
        facts.append(("Changes", f"{escape(work.changes)}."))
    if work.copyright:
        facts.append(("Copyright", _list(work.copyright)))
    told = "".join(f"<dt>{name}</dt>\n<dd>{value}</dd>\n" for name, value in facts)
    texts = "".join(_text(text, f"{place}-text-{n}", document) for n, text in enumerate(work.texts, start=1))
    return (
        f'<section aria-labelledby="{place}">\n<h2 id="{place}">{escape(work.title)}</h2>\n'
        f"<dl>\n{told}</dl>\n{texts}</section>\n"
    )


def _list(lines: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _text(text: ShippedText, place: str, document: NoticeDocument) -> str:
    heading = f'<h3 id="{place}">{escape(text.heading)}</h3>\n'
    giver = document.giver(text)
    if giver is None:
        # A line feed right behind <pre> is not part of the text.
        return f'{heading}<pre tabindex="0" role="region" aria-labelledby="{place}">\n{escape(text.body)}</pre>\n'
    where = f'<a href="#work-{giver.number}">{escape(giver.purl)}</a>'
    return f"{heading}<p>Word for word the text given above for {where}.</p>\n"
