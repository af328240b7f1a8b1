"""offline hand-in: the exam's key, noted codes, claims with their steps and decisions; one item at a time

Revision: 0007
Follows: 0006
"""

from alembic import op
import sqlalchemy as sa


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    with op.batch_alter_table('exam_sessions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('offline_seconds', sa.Integer(), nullable=False, server_default='1800'))
        batch_op.add_column(sa.Column('layout', sa.String(length=16), nullable=False, server_default='all'))
    with op.batch_alter_table('exam_sessions', schema=None) as batch_op:
        batch_op.alter_column('offline_seconds', existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column('layout', existing_type=sa.String(length=16), server_default=None)
    op.create_table('hand_in_keys',
    sa.Column('exam_id', BIG_ID, nullable=False),
    sa.Column('public_key', sa.Text(), nullable=False),
    sa.Column('private_sealed', sa.Text(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['exam_id'], ['exams.id'], name=op.f('fk_hand_in_keys_exam_id_exams')),
    sa.PrimaryKeyConstraint('exam_id', name=op.f('pk_hand_in_keys'))
    )
    op.create_table('offline_codes',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('sitting_id', BIG_ID, nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('incident_id', BIG_ID, nullable=False),
    sa.Column('noted_by', BIG_ID, nullable=False),
    sa.Column('noted_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_offline_codes_incident_id_incidents')),
    sa.ForeignKeyConstraint(['noted_by'], ['accounts.id'], name=op.f('fk_offline_codes_noted_by_accounts')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sittings.id'], name=op.f('fk_offline_codes_sitting_id_sittings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offline_codes'))
    )
    with op.batch_alter_table('offline_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offline_codes_sitting_id'), ['sitting_id'], unique=False)
    op.create_table('offline_claims',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('sitting_id', BIG_ID, nullable=False),
    sa.Column('exam_id', BIG_ID, nullable=False),
    sa.Column('code_id', BIG_ID, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('file', sa.LargeBinary(), nullable=False),
    sa.Column('file_digest', sa.String(length=64), nullable=False),
    sa.Column('incident_id', BIG_ID, nullable=False),
    sa.Column('uploaded_by', BIG_ID, nullable=False),
    sa.Column('uploaded_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['offline_codes.id'], name=op.f('fk_offline_claims_code_id_offline_codes')),
    sa.ForeignKeyConstraint(['exam_id'], ['exams.id'], name=op.f('fk_offline_claims_exam_id_exams')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_offline_claims_incident_id_incidents')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sittings.id'], name=op.f('fk_offline_claims_sitting_id_sittings')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['accounts.id'], name=op.f('fk_offline_claims_uploaded_by_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offline_claims')),
    sa.UniqueConstraint('sitting_id', 'revision', name=op.f('uq_offline_claims_sitting_id_revision'))
    )
    with op.batch_alter_table('offline_claims', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offline_claims_exam_id'), ['exam_id'], unique=False)
    op.create_table('claim_steps',
    sa.Column('claim_id', BIG_ID, nullable=False),
    sa.Column('binding', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('slot', sa.String(length=16), nullable=False),
    sa.Column('response', sa.Text(), nullable=False),
    sa.Column('client_at', sa.String(length=40), nullable=False),
    sa.Column('judgement', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['offline_claims.id'], name=op.f('fk_claim_steps_claim_id_offline_claims')),
    sa.PrimaryKeyConstraint('claim_id', 'binding', 'seq', name=op.f('pk_claim_steps'))
    )
    op.create_table('claim_decisions',
    sa.Column('claim_id', BIG_ID, nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('decided_by', BIG_ID, nullable=False),
    sa.Column('decided_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['offline_claims.id'], name=op.f('fk_claim_decisions_claim_id_offline_claims')),
    sa.ForeignKeyConstraint(['decided_by'], ['accounts.id'], name=op.f('fk_claim_decisions_decided_by_accounts')),
    sa.PrimaryKeyConstraint('claim_id', name=op.f('pk_claim_decisions'))
    )
    with op.batch_alter_table('receipts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claim_id', BIG_ID, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_receipts_claim_id_offline_claims'), 'offline_claims', ['claim_id'], ['id'])


def downgrade():
    with op.batch_alter_table('receipts', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_receipts_claim_id_offline_claims'), type_='foreignkey')
        batch_op.drop_column('claim_id')
    op.drop_table('claim_decisions')
    op.drop_table('claim_steps')
    op.drop_table('offline_claims')
    op.drop_table('offline_codes')
    op.drop_table('hand_in_keys')
    with op.batch_alter_table('exam_sessions', schema=None) as batch_op:
        batch_op.drop_column('layout')
        batch_op.drop_column('offline_seconds')
