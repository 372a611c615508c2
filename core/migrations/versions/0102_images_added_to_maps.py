"""Which images came to a map after it was made"""

import sqlalchemy as sa
from alembic import op


revision = '0102'
down_revision = '0301'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('map_data', sa.Column('added', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('map_data', 'added')
