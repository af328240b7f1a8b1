"""sources: regulations, editions and articles become records that citations refer to

Revision: 0008
Follows: 0007
"""

from alembic import op
import sqlalchemy as sa

from core.clock import clock, to_milliseconds


revision = '0008'
down_revision = '0007'
branch_labels = ()
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
ARTICLE = 'fk_source_citations_article_id_regulation_articles'
EDITION = 'fk_source_verifications_edition_id_regulation_editions'
NAME = "trim(replace(replace(regulation, '《', ''), '》', ''))"


def upgrade():
    op.create_table('regulations',
    sa.Column('id', ID, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('created_by', ID, nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['accounts.id'], name=op.f('fk_regulations_created_by_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regulations')),
    sa.UniqueConstraint('name', name=op.f('uq_regulations_name'))
    )
    op.create_table('regulation_editions',
    sa.Column('id', ID, nullable=False),
    sa.Column('regulation_id', ID, nullable=False),
    sa.Column('label', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('created_by', ID, nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['accounts.id'], name=op.f('fk_regulation_editions_created_by_accounts')),
    sa.ForeignKeyConstraint(['regulation_id'], ['regulations.id'], name=op.f('fk_regulation_editions_regulation_id_regulations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regulation_editions')),
    sa.UniqueConstraint('regulation_id', 'label', name=op.f('uq_regulation_editions_regulation_id_label'))
    )
    op.create_table('regulation_articles',
    sa.Column('id', ID, nullable=False),
    sa.Column('edition_id', ID, nullable=False),
    sa.Column('label', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['regulation_editions.id'], name=op.f('fk_regulation_articles_edition_id_regulation_editions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regulation_articles')),
    sa.UniqueConstraint('edition_id', 'label', name=op.f('uq_regulation_articles_edition_id_label'))
    )
    _record_what_is_cited()
    with op.batch_alter_table('source_citations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('article_id', ID, nullable=True))
    op.execute(f"""
        UPDATE source_citations SET article_id = (
            SELECT a.id FROM regulation_articles a
            JOIN regulation_editions e ON e.id = a.edition_id
            JOIN regulations r ON r.id = e.regulation_id
            WHERE r.name = {NAME} AND e.label = trim(source_citations.edition) AND a.label = trim(source_citations.article))
    """)
    with op.batch_alter_table('source_citations', schema=None) as batch_op:
        batch_op.alter_column('article_id', existing_type=ID, nullable=False)
        batch_op.create_foreign_key(ARTICLE, 'regulation_articles', ['article_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_source_citations_article_id'), ['article_id'], unique=False)
        batch_op.drop_column('regulation')
        batch_op.drop_column('edition')
        batch_op.drop_column('article')
    with op.batch_alter_table('source_verifications', schema=None) as batch_op:
        batch_op.add_column(sa.Column('edition_id', ID, nullable=True))
        batch_op.create_foreign_key(EDITION, 'regulation_editions', ['edition_id'], ['id'])


def _record_what_is_cited():
    """A record for every regulation, edition and article that a citation names; all in force until somebody says else."""
    now = to_milliseconds(clock.now())
    op.execute(f'INSERT INTO regulations (name, created_at) SELECT DISTINCT {NAME}, {now} FROM source_citations')
    op.execute(f"""
        INSERT INTO regulation_editions (regulation_id, label, state, reason, created_at)
        SELECT DISTINCT r.id, trim(c.edition), 'in_force', '', {now}
        FROM source_citations c JOIN regulations r ON r.name = {NAME.replace('regulation,', 'c.regulation,')}
    """)
    op.execute(f"""
        INSERT INTO regulation_articles (edition_id, label, text)
        SELECT DISTINCT e.id, trim(c.article), ''
        FROM source_citations c JOIN regulations r ON r.name = {NAME.replace('regulation,', 'c.regulation,')}
        JOIN regulation_editions e ON e.regulation_id = r.id AND e.label = trim(c.edition)
    """)


def downgrade():
    with op.batch_alter_table('source_verifications', schema=None) as batch_op:
        batch_op.drop_constraint(EDITION, type_='foreignkey')
        batch_op.drop_column('edition_id')
    with op.batch_alter_table('source_citations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('regulation', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('edition', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('article', sa.String(length=64), nullable=True))
    for column, value in (('regulation', 'r.name'), ('edition', 'e.label'), ('article', 'a.label')):
        op.execute(f"""
            UPDATE source_citations SET {column} = (
                SELECT {value} FROM regulation_articles a
                JOIN regulation_editions e ON e.id = a.edition_id
                JOIN regulations r ON r.id = e.regulation_id
                WHERE a.id = source_citations.article_id)
        """)
    with op.batch_alter_table('source_citations', schema=None) as batch_op:
        batch_op.alter_column('regulation', existing_type=sa.String(length=200), nullable=False)
        batch_op.alter_column('edition', existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column('article', existing_type=sa.String(length=64), nullable=False)
        batch_op.drop_index(batch_op.f('ix_source_citations_article_id'))
        batch_op.drop_constraint(ARTICLE, type_='foreignkey')
        batch_op.drop_column('article_id')
    op.drop_table('regulation_articles')
    op.drop_table('regulation_editions')
    op.drop_table('regulations')
