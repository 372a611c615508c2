"""Quality scores and a perceptual hash of each image; entropy and margin of each prediction"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'image_quality',
        sa.Column('image_id', sa.Integer(), nullable=False),
        sa.Column('phash', sa.BigInteger(), nullable=False),
        sa.Column('blurry', sa.Float(), nullable=False),
        sa.Column('dark', sa.Float(), nullable=False),
        sa.Column('light', sa.Float(), nullable=False),
        sa.Column('low_contrast', sa.Float(), nullable=False),
        sa.Column('low_information', sa.Float(), nullable=False),
        sa.Column('odd_aspect_ratio', sa.Float(), nullable=False),
        sa.Column('grayscale', sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(['image_id'], ['image.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('image_id'),
    )
    op.create_index('ix_image_quality_phash', 'image_quality', ['phash'], unique=False)
    with op.batch_alter_table('prediction', schema=None) as batch_op:
        batch_op.add_column(sa.Column('entropy', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('margin', sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('prediction', schema=None) as batch_op:
        batch_op.drop_column('margin')
        batch_op.drop_column('entropy')
    op.drop_index('ix_image_quality_phash', table_name='image_quality')
    op.drop_table('image_quality')
