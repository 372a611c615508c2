"""What undo needs of each image, beside an event's details"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('event', sa.Column('undo_data', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('event', 'undo_data')
