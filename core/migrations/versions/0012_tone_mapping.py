"""How the values of deep pictures were mapped to 8 bits stands with the image"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('image', sa.Column('tones', sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column('image', 'tones')
