"""how the orders of a paper follow from its seed

Revision: 0016
Follows: 0015
"""

from alembic import op
import sqlalchemy as sa


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    # Papers drawn so far were drawn by HMAC: derivation 1.
    op.add_column("papers", sa.Column("derivation", sa.Integer(), nullable=False, server_default="1"))


def downgrade():
    op.drop_column("papers", "derivation")
