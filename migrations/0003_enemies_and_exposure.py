"""enemies and exposure

Revision: 0003
Follows: 0002
"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = ()
depends_on = None


def upgrade():
    op.create_table('enemy_groups',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['accounts.id'], name=op.f('fk_enemy_groups_created_by_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enemy_groups'))
    )
    op.create_table('enemy_items',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['enemy_groups.id'], name=op.f('fk_enemy_items_group_id_enemy_groups')),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_enemy_items_item_id_items')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_enemy_items'))
    )
    with op.batch_alter_table('enemy_items', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enemy_items_group_id'), ['group_id'], unique=False)

    op.create_table('item_exposures',
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sittings', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['item_versions.id'], name=op.f('fk_item_exposures_version_id_item_versions')),
    sa.PrimaryKeyConstraint('version_id', name=op.f('pk_item_exposures'))
    )
    # What was scored before counts: each first scoring is one sitting of every version on its paper.
    op.execute("""
        INSERT INTO item_exposures (version_id, sittings, last_at)
        SELECT item_scores.version_id, count(*), max(sittings.closed_at)
        FROM item_scores JOIN sittings ON sittings.id = item_scores.sitting_id
        WHERE item_scores.run = 1
        GROUP BY item_scores.version_id
    """)
    # Not in batch mode: that would make the table anew, which rows that refer to it forbid on SQLite.
    op.add_column('papers', sa.Column('apart', sa.JSON(), nullable=True))


def downgrade():
    op.drop_column('papers', 'apart')
    op.drop_table('item_exposures')
    with op.batch_alter_table('enemy_items', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enemy_items_group_id'))

    op.drop_table('enemy_items')
    op.drop_table('enemy_groups')
