"""forms that record an incident are taken once; rooms stand in the order of their numbers

Revision: 0017
Follows: 0016
"""

from alembic import op
import sqlalchemy as sa

from core.natural_order import natural_key


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("once", sa.String(length=32), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_incidents_once"), ["once"])
    op.add_column("rooms", sa.Column("sort_key", sa.LargeBinary(), nullable=True))
    rooms = sa.table("rooms", sa.column("id"), sa.column("name"), sa.column("sort_key", sa.LargeBinary()))
    connection = op.get_bind()
    for number, name in connection.execute(sa.select(rooms.c.id, rooms.c.name)).all():
        connection.execute(rooms.update().where(rooms.c.id == number).values(sort_key=natural_key(name)))
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.alter_column("sort_key", existing_type=sa.LargeBinary(), nullable=False)


def downgrade():
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.drop_column("sort_key")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_incidents_once"), type_="unique")
        batch_op.drop_column("once")

