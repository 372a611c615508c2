"""How far a model in a faster number format agrees with f32 on a project's images"""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'format_check',
        sa.Column('project_id', sa.Integer(), nullable=False),
        sa.Column('model_key', sa.String(), nullable=False),
        sa.Column('format', sa.String(), nullable=False),
        sa.Column('recall', sa.Float(), nullable=False),
        sa.Column('agreement', sa.Float(), nullable=False),
        sa.Column('images', sa.Integer(), nullable=False),
        sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['project_id'], ['project.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('project_id', 'model_key'),
    )


def downgrade() -> None:
    op.drop_table('format_check')
