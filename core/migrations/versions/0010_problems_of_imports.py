"""What of the files beside the images was not taken over"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'import_problem',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('batch_file_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('place', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('reason_params', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['batch_file_id'], ['batch_file.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_import_problem_batch_file_id', 'import_problem', ['batch_file_id'])


def downgrade() -> None:
    op.drop_table('import_problem')
