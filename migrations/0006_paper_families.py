"""paper families: the commitment to the seed from which each sitting's own paper is drawn

Revision: 0006
Follows: 0005
"""

from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = ()
depends_on = None


def upgrade():
    op.add_column('papers', sa.Column('seed_digest', sa.String(length=64), nullable=True))
    op.add_column('papers', sa.Column('seed_told_at', sa.BigInteger(), nullable=True))


def downgrade():
    op.drop_column('papers', 'seed_told_at')
    op.drop_column('papers', 'seed_digest')
