"""how many items of an import became new versions

Revision: 0004
Follows: 0003
"""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('item_imports') as batch:
        batch.add_column(sa.Column('merged', sa.Integer(), nullable=False, server_default='0'))


def downgrade():
    with op.batch_alter_table('item_imports') as batch:
        batch.drop_column('merged')
