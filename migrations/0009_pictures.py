"""pictures, and which item versions show them

Revision: 0009
Follows: 0008
"""

from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = ()
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('images',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('mime', sa.String(length=16), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('added_by', ID, nullable=True),
    sa.Column('added_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['accounts.id'], name=op.f('fk_images_added_by_accounts')),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_images'))
    )
    op.create_table('version_images',
    sa.Column('version_id', ID, nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['sha256'], ['images.sha256'], name=op.f('fk_version_images_sha256_images')),
    sa.ForeignKeyConstraint(['version_id'], ['item_versions.id'], name=op.f('fk_version_images_version_id_item_versions')),
    sa.PrimaryKeyConstraint('version_id', 'sha256', name=op.f('pk_version_images'))
    )
    with op.batch_alter_table('version_images', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_version_images_sha256'), ['sha256'], unique=False)


def downgrade():
    with op.batch_alter_table('version_images', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_version_images_sha256'))

    op.drop_table('version_images')
    op.drop_table('images')
