"""what a candidate's page noted beside the answers, thresholds crossed; the address ranges of rooms

Revision: 0012
Follows: 0011
"""

from alembic import op
import sqlalchemy as sa


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table(
        'page_events',
        sa.Column('sitting_id', BIG_ID, nullable=False),
        sa.Column('page', sa.String(length=32), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('client_at', sa.BigInteger(), nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=True),
        sa.Column('received_at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['sitting_id'], ['sittings.id'], name=op.f('fk_page_events_sitting_id_sittings')),
        sa.PrimaryKeyConstraint('sitting_id', 'page', 'number', name=op.f('pk_page_events')),
    )
    op.create_table(
        'leaving_notes',
        sa.Column('sitting_id', BIG_ID, nullable=False),
        sa.Column('threshold', sa.String(length=16), nullable=False),
        sa.Column('noted_at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['sitting_id'], ['sittings.id'], name=op.f('fk_leaving_notes_sitting_id_sittings')),
        sa.PrimaryKeyConstraint('sitting_id', 'threshold', name=op.f('pk_leaving_notes')),
    )
    op.add_column('rooms', sa.Column('address_ranges', sa.Text(), nullable=False, server_default=''))
    with op.batch_alter_table('rooms', schema=None) as batch_op:
        batch_op.alter_column('address_ranges', existing_type=sa.Text(), server_default=None)


def downgrade():
    with op.batch_alter_table('rooms', schema=None) as batch_op:
        batch_op.drop_column('address_ranges')
    op.drop_table('leaving_notes')
    op.drop_table('page_events')
