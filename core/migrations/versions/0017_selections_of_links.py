"""Selections that the addresses of pages stand for"""

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'kept_selection',
        sa.Column('project_id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('image_ids', sa.LargeBinary(), nullable=False),
        sa.Column('provenance', sa.JSON(), nullable=False),
        sa.Column('created_by', sa.Integer(), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['created_by'], ['user.id']),
        sa.ForeignKeyConstraint(['project_id'], ['project.id']),
        sa.PrimaryKeyConstraint('project_id', 'key'),
    )
    op.create_index('ix_kept_selection_used_at', 'kept_selection', ['used_at'])


def downgrade() -> None:
    op.drop_table('kept_selection')
