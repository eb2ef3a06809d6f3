"""The tables of the history of decisions."""

from sqlalchemy import Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class DecisionBase(DeclarativeBase):
    """Base of these tables; its metadata is migrated together with the catalogue's."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})


class DecisionRow(DecisionBase):
    """An entry of the chain; `content` is the canonical JSON that its hash is of, the other columns are found by."""

    __tablename__ = "decision_history"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    project: Mapped[str] = mapped_column(String(1024), index=True)
    content: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class DecisionHeadRow(DecisionBase):
    """How many entries the chain has, and the hash of the last; there is one such row."""

    __tablename__ = "decision_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entries: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))
