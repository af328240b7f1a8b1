"""papers composed by hand, and their drafts

Revision: 0011
Follows: 0010
"""

from alembic import op
import sqlalchemy as sa


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "fixed_drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("paper_id", ID, nullable=True),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", ID, nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_fixed_drafts_paper_id_papers")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_fixed_drafts_created_by_accounts")),
        sa.ForeignKeyConstraint(["changed_by"], ["accounts.id"], name=op.f("fk_fixed_drafts_changed_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fixed_drafts")),
    )
    op.add_column("papers", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade():
    op.drop_column("papers", "by_hand")
    op.drop_table("fixed_drafts")
