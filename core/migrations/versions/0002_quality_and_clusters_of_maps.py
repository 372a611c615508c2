"""Quality figures and clusters of maps"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('map', sa.Column('trustworthiness', sa.Float(), nullable=True))
    op.add_column('map', sa.Column('continuity', sa.Float(), nullable=True))
    op.add_column('map', sa.Column('recall', sa.Float(), nullable=True))
    op.add_column('map_data', sa.Column('neighbour_shares', sa.LargeBinary(), nullable=True))
    op.add_column('map_data', sa.Column('clusters', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('map_data', 'clusters')
    op.drop_column('map_data', 'neighbour_shares')
    op.drop_column('map', 'recall')
    op.drop_column('map', 'continuity')
    op.drop_column('map', 'trustworthiness')
