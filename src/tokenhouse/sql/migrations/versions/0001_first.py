"""The first schema: tenants, clients, people, logins, keys, guesses, audit.

Tenants are in every key from here on. Times are microseconds since 1970.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Time = sa.BigInteger


def upgrade() -> None:
    """Create everything."""
    _tenants_and_clients()
    _people()
    _logins()
    _keys_and_audit()


def _tenants_and_clients() -> None:
    op.create_table(
        "tenant",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("enabled", sa.SmallInteger, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
    )
    op.create_table(
        "client",
        sa.Column("tenant", sa.Text, sa.ForeignKey("tenant.name"), primary_key=True),
        sa.Column("client_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("contracts", "grants", "scopes", "auth_methods")),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("audience", sa.Text),
        sa.Column("access_format", sa.Text, nullable=False),
        sa.Column("alg", sa.Text),
        sa.Column("introspection", sa.Text, nullable=False),
        sa.Column("enabled", sa.SmallInteger, nullable=False),
        sa.Column("ends_at", _Time),
        sa.Column("security_version", sa.BigInteger, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
    )
    op.create_index("client_by_id", "client", ["client_id"])
    op.create_table(
        "client_secret",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("client_id", sa.Text, primary_key=True),
        sa.Column("secret_id", sa.Text, primary_key=True),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("expires_at", _Time),
        sa.ForeignKeyConstraint(["tenant", "client_id"], ["client.tenant", "client.client_id"]),
    )


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("tenant", sa.Text, sa.ForeignKey("tenant.name"), primary_key=True),
        sa.Column("user_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text) for name in ("username", "email", "phone", "name", "password")),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("password_form", sa.Text, nullable=False),
        sa.Column("enabled", sa.SmallInteger, nullable=False),
        sa.Column("locked_at", _Time),
        sa.Column("security_version", sa.BigInteger, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
    )
    op.create_table(
        "identifier",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("canonical", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["tenant", "user_id"], ["account.tenant", "account.user_id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "guess",
        sa.Column("budget", sa.LargeBinary, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("started_at", _Time, nullable=False),
        sqlite_with_rowid=False,
    )


def _logins() -> None:
    op.create_table(
        "authorizations",
        sa.Column("id", sa.Integer().with_variant(sa.BigInteger, "postgresql"), primary_key=True, autoincrement=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("seal_key", sa.Text, nullable=False),
        *(sa.Column(name, _Time, nullable=False) for name in ("issued_at", "advanced_at", "last_used_at")),
        sa.Column("access_ttl_seconds", sa.BigInteger),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("access_nonce", sa.Integer, nullable=False),
        sa.Column("has_refresh", sa.SmallInteger, nullable=False),
        sa.Column("refresh_idle_seconds", sa.BigInteger),
        sa.Column("device", sa.Text),
        sa.Column("device_name", sa.Text),
        sa.Column("expires_at", _Time),
        sa.Column("revoked_at", _Time),
    )
    op.create_index(
        "live_sessions",
        "authorizations",
        ["tenant", "subject", "contract"],
        sqlite_where=sa.text("subject IS NOT NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("subject IS NOT NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "revoked_token",
        sa.Column("handle", sa.LargeBinary, primary_key=True),
        sa.Column("expires_at", _Time, nullable=False),
        sqlite_with_rowid=False,
    )


def _keys_and_audit() -> None:
    op.create_table(
        "key_record",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("alg", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("activates_at", _Time, nullable=False),
        sa.Column("retires_at", _Time),
        sa.Column("public", sa.Text, nullable=False),
        sa.Column("certificate", sa.LargeBinary),
    )
    op.create_table(
        "audit_record",
        sa.Column(
            "sequence", sa.Integer().with_variant(sa.BigInteger, "postgresql"), primary_key=True, autoincrement=True
        ),
        sa.Column("at", _Time, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("event", "outcome", "tenant", "contract", "request_id", "reason")
        ),
        sa.Column("client_id", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("authorization_id", sa.BigInteger),
        sqlite_autoincrement=True,
    )
