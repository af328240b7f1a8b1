"""demands of blueprints: a section asks for several knowledge points and difficulties

Revision: 0002
Follows: 0001
"""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = ()
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
POINT = 'fk_blueprint_sections_knowledge_point_id_knowledge_points'


def upgrade():
    # The old columns go before the new table refers to theirs: SQLite makes a table anew to drop a column.
    op.execute(
        'CREATE TABLE kept_demands AS SELECT id, knowledge_point_id, difficulty, count FROM blueprint_sections'
    )
    with op.batch_alter_table('blueprint_sections', schema=None) as batch_op:
        batch_op.drop_constraint(POINT, type_='foreignkey')
        batch_op.drop_column('knowledge_point_id')
        batch_op.drop_column('difficulty')
        batch_op.drop_column('count')

    op.create_table('blueprint_demands',
    sa.Column('section_id', ID, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('knowledge_point_id', ID, nullable=True),
    sa.Column('difficulty', sa.String(length=8), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['knowledge_point_id'], ['knowledge_points.id'], name=op.f('fk_blueprint_demands_knowledge_point_id_knowledge_points')),
    sa.ForeignKeyConstraint(['section_id'], ['blueprint_sections.id'], name=op.f('fk_blueprint_demands_section_id_blueprint_sections')),
    sa.PrimaryKeyConstraint('section_id', 'position', name=op.f('pk_blueprint_demands'))
    )
    op.execute(
        'INSERT INTO blueprint_demands (section_id, position, knowledge_point_id, difficulty, count) '
        'SELECT id, 1, knowledge_point_id, difficulty, count FROM kept_demands'
    )
    op.execute('DROP TABLE kept_demands')
    op.add_column('blueprints', sa.Column('duration_minutes', sa.Integer(), nullable=True))
    op.add_column('papers', sa.Column('demands', sa.JSON(), nullable=True))


def downgrade():
    op.drop_column('papers', 'demands')
    op.drop_column('blueprints', 'duration_minutes')
    # One demand goes back as it was; several become one that asks for any item: the old form can say no more.
    op.execute(
        'CREATE TABLE kept_demands AS SELECT section_id, sum(count) AS count, count(*) AS lines, '
        'min(knowledge_point_id) AS knowledge_point_id, min(difficulty) AS difficulty '
        'FROM blueprint_demands GROUP BY section_id'
    )
    op.drop_table('blueprint_demands')
    with op.batch_alter_table('blueprint_sections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('knowledge_point_id', ID, nullable=True))
        batch_op.add_column(sa.Column('difficulty', sa.String(length=8), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('count', sa.Integer(), nullable=False, server_default='0'))
        batch_op.create_foreign_key(POINT, 'knowledge_points', ['knowledge_point_id'], ['id'])
    for column, value in (('count', 'count'), ('knowledge_point_id', 'knowledge_point_id'), ('difficulty', 'difficulty')):
        op.execute(
            f'UPDATE blueprint_sections SET {column} = (SELECT {value} FROM kept_demands '
            f'WHERE section_id = blueprint_sections.id' + (' AND lines = 1' if column == 'knowledge_point_id' else '') + ')'
            + (" WHERE id IN (SELECT section_id FROM kept_demands WHERE lines = 1)" if column == 'difficulty' else '')
        )
    op.execute('DROP TABLE kept_demands')
