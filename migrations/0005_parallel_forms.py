"""parallel forms: what was asked of the solver, what it answered, and the papers of it

Revision: 0005
Follows: 0004
"""

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = ()
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.add_column('papers', sa.Column('form', sa.String(length=2), nullable=True))
    op.create_table('form_sets',
    sa.Column('id', ID, nullable=False),
    sa.Column('blueprint_id', ID, nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('demonstration', sa.Boolean(), nullable=False),
    sa.Column('sections', sa.JSON(), nullable=False),
    sa.Column('request', sa.JSON(), nullable=False),
    sa.Column('request_digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('solution', sa.JSON(), nullable=True),
    sa.Column('outcome', sa.JSON(), nullable=True),
    sa.Column('run_id', ID, nullable=True),
    sa.Column('ordered_by', ID, nullable=True),
    sa.Column('ordered_at', sa.BigInteger(), nullable=False),
    sa.Column('finished_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['blueprint_id'], ['blueprints.id'], name=op.f('fk_form_sets_blueprint_id_blueprints')),
    sa.ForeignKeyConstraint(['ordered_by'], ['accounts.id'], name=op.f('fk_form_sets_ordered_by_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_sets'))
    )
    with op.batch_alter_table('form_sets', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_form_sets_blueprint_id'), ['blueprint_id'], unique=False)

    op.create_table('form_set_papers',
    sa.Column('form_set_id', ID, nullable=False),
    sa.Column('form', sa.String(length=2), nullable=False),
    sa.Column('paper_id', ID, nullable=False),
    sa.ForeignKeyConstraint(['form_set_id'], ['form_sets.id'], name=op.f('fk_form_set_papers_form_set_id_form_sets')),
    sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_form_set_papers_paper_id_papers')),
    sa.PrimaryKeyConstraint('form_set_id', 'form', name=op.f('pk_form_set_papers')),
    sa.UniqueConstraint('paper_id', name=op.f('uq_form_set_papers_paper_id'))
    )


def downgrade():
    op.drop_table('form_set_papers')
    with op.batch_alter_table('form_sets', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_form_sets_blueprint_id'))

    op.drop_table('form_sets')
    op.drop_column('papers', 'form')
