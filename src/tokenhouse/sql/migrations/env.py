"""Alembic's entry point. Offline only: Alembic writes the statements, the engine's own driver runs them."""

from alembic import context

context.configure(
    dialect_name=context.config.get_main_option("dialect"),
    output_buffer=context.config.output_buffer,
    transactional_ddl=False,
)
with context.begin_transaction():
    context.run_migrations()
