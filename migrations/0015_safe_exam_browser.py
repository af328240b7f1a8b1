"""Safe Exam Browser for a session, exemptions, refusals noted; from where on leaving the page is noted, full screen

Revision: 0015
Follows: 0014
"""

from alembic import op
import sqlalchemy as sa


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table(
        'safe_browsers',
        sa.Column('session_id', BIG_ID, nullable=False),
        sa.Column('required', sa.Boolean(), nullable=False),
        sa.Column('origin', sa.String(length=255), nullable=False),
        sa.Column('quit_password', sa.String(length=64), nullable=False),
        sa.Column('exam_keys', sa.Text(), nullable=False),
        sa.Column('configuration', sa.Text(), nullable=False),
        sa.Column('config_key', sa.String(length=64), nullable=False),
        sa.Column('changed_at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ['session_id'], ['exam_sessions.id'], name=op.f('fk_safe_browsers_session_id_exam_sessions')
        ),
        sa.PrimaryKeyConstraint('session_id', name=op.f('pk_safe_browsers')),
    )
    op.create_table(
        'safe_browser_exemptions',
        sa.Column('id', BIG_ID, nullable=False),
        sa.Column('sitting_id', BIG_ID, nullable=False),
        sa.Column('granted', sa.Boolean(), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('by', BIG_ID, nullable=False),
        sa.Column('at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['by'], ['accounts.id'], name=op.f('fk_safe_browser_exemptions_by_accounts')),
        sa.ForeignKeyConstraint(
            ['sitting_id'], ['sittings.id'], name=op.f('fk_safe_browser_exemptions_sitting_id_sittings')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_safe_browser_exemptions')),
    )
    op.create_index(
        op.f('ix_safe_browser_exemptions_sitting_id'), 'safe_browser_exemptions', ['sitting_id'], unique=False
    )
    op.create_table(
        'safe_browser_notes',
        sa.Column('sitting_id', BIG_ID, nullable=False),
        sa.Column('fault', sa.String(length=16), nullable=False),
        sa.Column('noted_at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ['sitting_id'], ['sittings.id'], name=op.f('fk_safe_browser_notes_sitting_id_sittings')
        ),
        sa.PrimaryKeyConstraint('sitting_id', 'fault', name=op.f('pk_safe_browser_notes')),
    )
    columns = (('leaving_seconds', sa.Integer(), '30'), ('leaving_times', sa.Integer(), '5'))
    for name, kind, default in (*columns, ('full_screen', sa.Boolean(), sa.false())):
        op.add_column('exam_sessions', sa.Column(name, kind, nullable=False, server_default=default))
    with op.batch_alter_table('exam_sessions', schema=None) as batch_op:
        for name, kind, _default in (*columns, ('full_screen', sa.Boolean(), None)):
            batch_op.alter_column(name, existing_type=kind, server_default=None)


def downgrade():
    with op.batch_alter_table('exam_sessions', schema=None) as batch_op:
        for name in ('full_screen', 'leaving_times', 'leaving_seconds'):
            batch_op.drop_column(name)
    op.drop_table('safe_browser_notes')
    op.drop_index(op.f('ix_safe_browser_exemptions_sitting_id'), table_name='safe_browser_exemptions')
    op.drop_table('safe_browser_exemptions')
    op.drop_table('safe_browsers')
