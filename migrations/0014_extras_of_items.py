"""what the file that an item came from says besides: title, feedback, further knowledge points

Revision: 0014
Follows: 0013
"""

from alembic import op
import sqlalchemy as sa


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'item_extras',
        sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('extras', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['version_id'], ['item_versions.id'], name=op.f('fk_item_extras_version_id_item_versions')),
        sa.PrimaryKeyConstraint('version_id', name=op.f('pk_item_extras')),
    )


def downgrade():
    op.drop_table('item_extras')
