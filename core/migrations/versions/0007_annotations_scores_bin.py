"""Annotations, scores by features, and images in the bin, with a note or left in their place"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_NUMBERS = [
    'project_id', 'id', 'batch_id', 'format', 'byte_size', 'width', 'height',
    'uploaded_at', 'captured_at', 'camera',
]


def upgrade() -> None:
    op.add_column('image', sa.Column('note', sa.String(), nullable=False, server_default=''))
    op.add_column('image', sa.Column('origin', sa.String(), nullable=True))
    op.add_column('image', sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True))
    op.drop_index('ix_image_numbers', 'image')
    op.create_index('ix_image_numbers', 'image', [*_NUMBERS, 'deleted_at'])
    op.create_table(
        'annotation',
        sa.Column('image_id', sa.Integer(), nullable=False),
        sa.Column('label', sa.String(), nullable=True),
        sa.Column('has_boxes', sa.Boolean(), nullable=False),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('updated_by', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['image_id'], ['image.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['updated_by'], ['user.id']),
        sa.PrimaryKeyConstraint('image_id'),
    )
    op.create_index('ix_annotation_label', 'annotation', ['label', 'image_id'])
    op.create_table(
        'annotated_box',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('image_id', sa.Integer(), nullable=False),
        sa.Column('label', sa.String(), nullable=False),
        sa.Column('x0', sa.Float(), nullable=False),
        sa.Column('y0', sa.Float(), nullable=False),
        sa.Column('x1', sa.Float(), nullable=False),
        sa.Column('y1', sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(['image_id'], ['image.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_annotated_box_image_id', 'annotated_box', ['image_id'])
    op.create_index('ix_annotated_box_label', 'annotated_box', ['label', 'image_id'])
    op.create_table(
        'image_score',
        sa.Column('image_id', sa.Integer(), nullable=False),
        sa.Column('model_key', sa.String(), nullable=False),
        sa.Column('outlier', sa.Float(), nullable=True),
        sa.Column('novelty', sa.Float(), nullable=True),
        sa.Column('label_error', sa.Float(), nullable=True),
        sa.Column('duplicate_group', sa.Integer(), nullable=True),
        sa.Column('cluster', sa.Integer(), nullable=True),
        sa.Column('scored_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['image_id'], ['image.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('image_id', 'model_key'),
    )
    op.create_index(
        'ix_image_score_group', 'image_score', ['model_key', 'duplicate_group', 'image_id']
    )
    op.create_index('ix_image_score_cluster', 'image_score', ['model_key', 'cluster', 'image_id'])


def downgrade() -> None:
    op.drop_table('image_score')
    op.drop_table('annotated_box')
    op.drop_table('annotation')
    op.drop_index('ix_image_numbers', 'image')
    op.create_index('ix_image_numbers', 'image', _NUMBERS)
    op.drop_column('image', 'deleted_at')
    op.drop_column('image', 'origin')
    op.drop_column('image', 'note')
