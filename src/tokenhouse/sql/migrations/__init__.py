"""The schema's history as Alembic revisions: expand, then contract.

Imported by `db upgrade` and `db status` only, never on the serving path: SQLAlchemy takes a second to import.
Never touches data that a running server of the adjacent version still reads.
"""
