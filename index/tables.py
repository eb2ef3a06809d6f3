"""The catalogue's tables: sources, their files and legal texts, and the segments that hold the contents."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from index.collection import Collection

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only where the key is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")
# PostgreSQL orders text like a dictionary unless told otherwise; this is ordered byte by byte, as SQLite orders, and an
# index of it finds beginnings.
Purl = String(512).with_variant(String(512, collation="C"), "postgresql")
Bytewise = Text().with_variant(Text(collation="C"), "postgresql")
CollectionName = Enum(Collection, native_enum=False, length=16, values_callable=lambda kinds: [*map(str, kinds)])


class CatalogBase(DeclarativeBase):
    """Base of the catalogue's tables; its metadata is migrated together with the records'."""

    metadata = MetaData(naming_convention=NAMING)


class CatalogState(CatalogBase):
    """One row: the parameters every segment shares, and a number that grows with each change."""

    __tablename__ = "catalog_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    parameters: Mapped[dict[str, int]] = mapped_column(JSON)


class SegmentRow(CatalogBase):
    """A segment file that belongs to the index, and to one collection of it."""

    __tablename__ = "segments"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    contents: Mapped[int] = mapped_column(BigInteger)
    lexemes: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[object] = mapped_column(DateTime(timezone=True))
    collection: Mapped[Collection] = mapped_column(CollectionName)


class ContentRow(CatalogBase):
    """One distinct file content, stored once in a collection however many of its sources hold it."""

    __tablename__ = "contents"
    __table_args__ = (UniqueConstraint("segment_id", "ordinal"), UniqueConstraint("swhid", "collection"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    swhid: Mapped[str] = mapped_column(String(50))
    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id"))
    ordinal: Mapped[int] = mapped_column(Integer)
    lexemes: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    collection: Mapped[Collection] = mapped_column(CollectionName)


class SourceRow(CatalogBase):
    """What a collection holds of a source, named by its versioned purl; `released` is null where nobody says it."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("purl", "collection"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    purl: Mapped[str] = mapped_column(Purl)
    url: Mapped[str | None] = mapped_column(Text)
    license_expression: Mapped[str] = mapped_column(Text)
    license_evidence: Mapped[str] = mapped_column(Text)
    copyright: Mapped[list[str]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    files: Mapped[int] = mapped_column(BigInteger)
    lexemes: Mapped[int] = mapped_column(BigInteger)
    left_out: Mapped[list[list[str]]] = mapped_column(JSON)
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    released: Mapped[date | None] = mapped_column(Date)
    collection: Mapped[Collection] = mapped_column(CollectionName)


class FileRow(CatalogBase):
    """A path of a source that holds a content, under the licence that file has there."""

    __tablename__ = "files"
    __table_args__ = (UniqueConstraint("source_id", "path"), Index(None, "content_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    content_id: Mapped[int] = mapped_column(ForeignKey("contents.id"))
    path: Mapped[str] = mapped_column(Bytewise)
    license_expression: Mapped[str] = mapped_column(Text)
    license_evidence: Mapped[str] = mapped_column(Text)
    copyright: Mapped[list[str]] = mapped_column(JSON)


class LegalTextRow(CatalogBase):
    """A licence or notice text, stored once however many sources ship it (zstd of UTF-8)."""

    __tablename__ = "legal_texts"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    compressed: Mapped[bytes] = mapped_column(LargeBinary)


class LegalFileRow(CatalogBase):
    """A licence, NOTICE or AUTHORS file that a source ships."""

    __tablename__ = "legal_files"
    __table_args__ = (UniqueConstraint("source_id", "path"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    path: Mapped[str] = mapped_column(Bytewise)
    sha256: Mapped[str] = mapped_column(ForeignKey("legal_texts.sha256"))


class RefusalRow(CatalogBase):
    """A source or a single file that was not admitted to a collection, and why."""

    __tablename__ = "refusals"
    __table_args__ = (UniqueConstraint("purl", "path", "collection"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    purl: Mapped[str] = mapped_column(Purl)
    path: Mapped[str] = mapped_column(Bytewise)
    reason: Mapped[str] = mapped_column(Text)
    whole_source: Mapped[bool] = mapped_column(Boolean)
    collection: Mapped[Collection] = mapped_column(CollectionName)


class OptOutRow(CatalogBase):
    """A pattern of sources, or the SWHID of a content, that is never to be in the index again."""

    __tablename__ = "opt_outs"

    pattern: Mapped[str] = mapped_column(Purl, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
