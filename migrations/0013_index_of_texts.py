"""an index of what items say, for searching; marks of versions, for finding repeats

Both are filled by jobs: the one is found missing by a sweep, the other is queued here. Until then searches read the texts.

Revision: 0013
Follows: 0012
"""

import time

from alembic import op
import sqlalchemy as sa


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
NUMBER = '(SELECT items.number FROM items WHERE items.id = item_texts.item_id)'


def upgrade():
    op.add_column('item_texts', sa.Column('version_id', BIG_ID, nullable=True))
    op.add_column('item_texts', sa.Column('portion', BIG_ID, nullable=True))
    op.execute(
        'UPDATE item_texts SET version_id = (SELECT items.current_version_id FROM items WHERE items.id = item_texts.item_id), '
        f"text = text || ' ' || lower({NUMBER})"
    )
    with op.batch_alter_table('item_texts', schema=None) as batch_op:
        batch_op.alter_column('version_id', existing_type=BIG_ID, nullable=False)
        batch_op.create_foreign_key(
            op.f('fk_item_texts_version_id_item_versions'), 'item_versions', ['version_id'], ['id']
        )
        batch_op.create_unique_constraint(op.f('uq_item_texts_version_id'), ['version_id'])
        batch_op.create_index(op.f('ix_item_texts_portion'), ['portion'], unique=False)
    op.create_index(op.f('ix_items_current_version_id'), 'items', ['current_version_id'], unique=False)
    op.create_table(
        'text_grams',
        sa.Column('gram', BIG_ID, autoincrement=False, nullable=False),
        sa.Column('portion', BIG_ID, autoincrement=False, nullable=False),
        sa.Column('versions', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('gram', 'portion', name=op.f('pk_text_grams')),
    )
    op.create_table(
        'version_marks',
        sa.Column('mark', BIG_ID, autoincrement=False, nullable=False),
        sa.Column('version_id', BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ['version_id'], ['item_versions.id'], name=op.f('fk_version_marks_version_id_item_versions')
        ),
        sa.PrimaryKeyConstraint('mark', 'version_id', name=op.f('pk_version_marks')),
    )
    op.create_index(op.f('ix_version_marks_version_id'), 'version_marks', ['version_id'], unique=False)
    op.execute(
        sa.text(
            'INSERT INTO job_runs (name, arguments, state, attempts, done, total, doing, error, actor_kind, queued_at) '
            "SELECT 'bank.mark_versions', '{}', 'queued', 0, 0, 0, '', '', 'system', :now "
            'WHERE EXISTS (SELECT 1 FROM items)'
        ).bindparams(now=int(time.time() * 1000))
    )


def downgrade():
    op.execute("DELETE FROM job_runs WHERE name IN ('bank.mark_versions', 'bank.index_texts')")
    op.drop_table('version_marks')
    op.drop_table('text_grams')
    op.drop_index(op.f('ix_items_current_version_id'), table_name='items')
    op.execute(f'UPDATE item_texts SET text = substr(text, 1, length(text) - length({NUMBER}) - 1)')
    with op.batch_alter_table('item_texts', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_item_texts_portion'))
        batch_op.drop_constraint(op.f('uq_item_texts_version_id'), type_='unique')
        batch_op.drop_constraint(op.f('fk_item_texts_version_id_item_versions'), type_='foreignkey')
        batch_op.drop_column('portion')
        batch_op.drop_column('version_id')
