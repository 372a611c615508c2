"""Every transaction says what it changed, so that what was read before stays where it is still true"""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'change',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('added', sa.Boolean(), nullable=False),
        sa.Column('low', sa.BigInteger(), nullable=True),
        sa.Column('high', sa.BigInteger(), nullable=True),
        sa.Column('part', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(
        'ix_image_noted', 'image', ['project_id', 'id'],
        sqlite_where=sa.text("note != ''"), postgresql_where=sa.text("note != ''"),
    )


def downgrade() -> None:
    op.drop_index('ix_image_noted', 'image')
    op.drop_table('change')
