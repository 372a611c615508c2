"""Indexes from which queries are answered without reading whole rows"""

from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_NUMBERS = [
    'project_id', 'id', 'batch_id', 'format', 'byte_size', 'width', 'height',
    'uploaded_at', 'captured_at', 'camera',
]


def upgrade() -> None:
    op.create_index('ix_image_name', 'image', ['project_id', 'name'])
    op.create_index('ix_image_numbers', 'image', _NUMBERS)
    op.create_index('ix_box_label', 'box', ['model_key', 'label', 'image_id'])
    for column in ('label', 'confidence'):
        op.drop_index(f'ix_prediction_{column}', 'prediction')
        op.create_index(
            f'ix_prediction_{column}', 'prediction', ['model_key', column, 'image_id']
        )


def downgrade() -> None:
    for column in ('label', 'confidence'):
        op.drop_index(f'ix_prediction_{column}', 'prediction')
        op.create_index(f'ix_prediction_{column}', 'prediction', ['model_key', column])
    op.drop_index('ix_box_label', 'box')
    op.drop_index('ix_image_numbers', 'image')
    op.drop_index('ix_image_name', 'image')
