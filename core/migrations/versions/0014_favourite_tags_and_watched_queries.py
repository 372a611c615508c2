"""Favourite tags of a person by key, and queries that a person watches"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'favourite_tag',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('project_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('tag_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id']),
        sa.ForeignKeyConstraint(['project_id'], ['project.id']),
        sa.ForeignKeyConstraint(['tag_id'], ['tag.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('user_id', 'project_id', 'number'),
    )
    op.create_index('ix_favourite_tag_tag_id', 'favourite_tag', ['tag_id'])
    op.add_column(
        'seen_query',
        sa.Column('watched', sa.Boolean(), nullable=False, server_default=sa.true()),
    )


def downgrade() -> None:
    op.drop_column('seen_query', 'watched')
    op.drop_index('ix_favourite_tag_tag_id', 'favourite_tag')
    op.drop_table('favourite_tag')
