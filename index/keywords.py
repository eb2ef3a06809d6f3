"""Words that a person who renames does not touch: the keywords of the languages that are searched, all together.

One list for all languages, because a text may come without a language; a word that is a keyword elsewhere and a name
here is kept on both sides alike. Words that are keywords only in some places and common names in most (`get`, `data`,
`match`) are names.
"""

_WORDS = """
abstract and as assert async await auto bool boolean break byte case catch char class const constexpr continue
debugger decltype declare def default defer del delete do double echo elif else elseif elsif end enum esac except
explicit export extends extern fallthrough false final finally fi float fn for foreach friend from func function
global go goto guard if impl implements import in include inline inout instanceof int interface internal into is keyof
lambda lateinit let local long loop macro mut mutable namespace new nil noexcept nonlocal not null nullptr of operator
or override package pass private protected pub public raise range readonly require rescue restrict return sealed self
short signed sizeof static stackalloc str string struct super switch synchronized template then this throw throws
trait true try type typedef typeid typename typeof uint ulong undef undefined unless unsafe unsigned until use using
var virtual void volatile wchar_t when where while with yield
False None True
SELECT FROM WHERE INSERT INTO UPDATE DELETE CREATE TABLE JOIN ON AND OR NOT NULL AS GROUP ORDER BY
"""
KEYWORDS = frozenset(_WORDS.split())
