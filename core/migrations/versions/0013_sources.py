"""Folders and buckets as sources, images whose originals stay in their place"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'source',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('project_id', sa.Integer(), nullable=False),
        sa.Column('url', sa.String(), nullable=False),
        sa.Column('in_place', sa.Boolean(), nullable=False),
        sa.Column('recursive', sa.Boolean(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Integer(), nullable=False),
        sa.Column('watch', sa.String(), nullable=False),
        sa.Column('quiet_minutes', sa.Integer(), nullable=False),
        sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('error', sa.String(), nullable=True),
        sa.Column('error_params', sa.JSON(), nullable=False),
        sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['project_id'], ['project.id']),
        sa.ForeignKeyConstraint(['created_by'], ['user.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('project_id', 'url', 'in_place', 'recursive'),
    )
    op.create_table(
        'source_file',
        sa.Column('source_id', sa.Integer(), nullable=False),
        sa.Column('path', sa.String(), nullable=False),
        sa.Column('version', sa.String(), nullable=False),
        sa.Column('waiting_batch_id', sa.Integer(), nullable=True),
        sa.Column('image_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['waiting_batch_id'], ['batch.id']),
        sa.ForeignKeyConstraint(['source_id'], ['source.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['image_id'], ['image.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('source_id', 'path'),
    )
    op.create_index('ix_source_file_image_id', 'source_file', ['image_id'])
    op.create_index('ix_source_file_waiting_batch_id', 'source_file', ['waiting_batch_id'])
    # With the reference in the column's own words: SQLite would copy the table otherwise, and
    # what refers to its rows does not survive that.
    source_id = sa.Column('source_id', sa.Integer(), sa.ForeignKey('source.id'), nullable=True)
    op.add_column('batch', source_id, inline_references=True)
    op.create_index('ix_batch_source_id', 'batch', ['source_id'])
    op.add_column(
        'batch', sa.Column('open', sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column('image', sa.Column('origin_version', sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column('image', 'origin_version')
    op.drop_index('ix_batch_source_id', 'batch')
    op.drop_column('batch', 'open')
    op.drop_column('batch', 'source_id')
    op.drop_index('ix_source_file_waiting_batch_id', 'source_file')
    op.drop_index('ix_source_file_image_id', 'source_file')
    op.drop_table('source_file')
    op.drop_table('source')
