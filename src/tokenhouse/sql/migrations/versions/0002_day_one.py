"""The server of day one: resources, scopes, roles, sign-in elsewhere, device keys, mailed links.

Only adds: the program of revision 0001 goes on reading what it wrote.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_Time = sa.BigInteger


def upgrade() -> None:
    """Add columns and tables."""
    _columns()
    _resources_and_scopes()
    _proofs_of_people()
    _indexes()


def _columns() -> None:
    added = {
        "client": (
            sa.Column("resources", sa.Text, nullable=False, server_default="[]"),
            sa.Column("claims", sa.Text, nullable=False, server_default="{}"),
            sa.Column("password_ends_at", _Time),
        ),
        "client_secret": (sa.Column("slot", sa.Text, nullable=False, server_default=""),),
        "account": (
            sa.Column("roles", sa.Text, nullable=False, server_default="[]"),
            sa.Column("groups", sa.Text, nullable=False, server_default="[]"),
            sa.Column("email_verified_at", _Time),
            sa.Column("signed_in_at", _Time),
        ),
        "authorizations": (sa.Column("resources", sa.Text, nullable=False, server_default=""),),
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)


def _resources_and_scopes() -> None:
    op.create_table(
        "resource",
        sa.Column("tenant", sa.Text, sa.ForeignKey("tenant.name"), primary_key=True),
        sa.Column("identifier", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("access_ttl_seconds", sa.BigInteger),
        sa.Column("claims", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scope",
        sa.Column("tenant", sa.Text, sa.ForeignKey("tenant.name"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("resource", sa.Text),
        sa.ForeignKeyConstraint(["tenant", "resource"], ["resource.tenant", "resource.identifier"]),
        sqlite_with_rowid=False,
    )


def _proofs_of_people() -> None:
    op.create_table(
        "linked_identity",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.ForeignKeyConstraint(["tenant", "user_id"], ["account.tenant", "account.user_id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "device_key",
        sa.Column("tenant", sa.Text, sa.ForeignKey("tenant.name"), primary_key=True),
        sa.Column("contract", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("expires_at", _Time),
        sa.Column("revoked_at", _Time),
    )
    op.create_index("device_key_by_digest", "device_key", ["tenant", "digest"], unique=True)
    op.create_table(
        "ticket",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("expires_at", _Time, nullable=False),
        sa.Column("user_id", sa.Text),
        sqlite_with_rowid=False,
    )


def _indexes() -> None:
    op.create_index("identifier_of_account", "identifier", ["tenant", "user_id"])
    op.create_index("ticket_of_account", "ticket", ["tenant", "user_id"])
    op.create_index("newest_sessions", "authorizations", ["issued_at"])
