"""The bin: images that people deleted, until they are restored or removed for good."""

from core.bin.emptying import begin_emptying
from core.bin.verbs import bin_size, binned_ids, delete_images, last_change, restore_images

__all__ = [
    "begin_emptying",
    "bin_size",
    "binned_ids",
    "delete_images",
    "last_change",
    "restore_images",
]
