"""What refers to an image is found without reading whole tables when it is removed"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'removed_image',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_batch_file_image_id', 'batch_file', ['image_id'])
    op.create_index('ix_selected_image_image_id', 'selected_image', ['image_id'])


def downgrade() -> None:
    op.drop_index('ix_selected_image_image_id', 'selected_image')
    op.drop_index('ix_batch_file_image_id', 'batch_file')
    op.drop_table('removed_image')
