"""what items say in a table of its own, for searching

Revision: 0007
Follows: 0006
"""

from alembic import op
import sqlalchemy as sa


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'item_texts',
        sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_item_texts_item_id_items')),
        sa.PrimaryKeyConstraint('item_id', name=op.f('pk_item_texts')),
    )
    op.execute(
        'INSERT INTO item_texts (item_id, text) SELECT items.id, item_versions.search_text FROM items '
        'JOIN item_versions ON item_versions.id = items.current_version_id'
    )
    op.drop_column('item_versions', 'search_text')


def downgrade():
    op.add_column('item_versions', sa.Column('search_text', sa.Text(), nullable=False, server_default=''))
    op.execute(
        'UPDATE item_versions SET search_text = (SELECT item_texts.text FROM item_texts '
        'WHERE item_texts.item_id = item_versions.item_id)'
    )
    op.drop_table('item_texts')
