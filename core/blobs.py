"""Binary data on its way to the browser, by content: sent once, kept while it is in use."""

import hashlib
import threading
from collections import OrderedDict
from functools import lru_cache

_CAPACITY = 512 * 1024 * 1024  # bytes


class BlobStore:
    """A least-recently-used store of byte strings, each for the one person it was made for."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._size = 0
        self._blobs: OrderedDict[tuple[int, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, data: bytes, owner: int) -> str:
        """Keep `data` for user `owner` and return its key, a hash of the content."""
        key = hashlib.blake2b(data, digest_size=16).hexdigest()
        with self._lock:
            if (owner, key) not in self._blobs:
                self._blobs[owner, key] = data
                self._size += len(data)
            self._blobs.move_to_end((owner, key))
            while self._size > self._capacity and len(self._blobs) > 1:
                self._size -= len(self._blobs.popitem(last=False)[1])
        return key

    def get(self, key: str, owner: int) -> bytes | None:
        """The data under `key`, or None where there is none for `owner`."""
        with self._lock:
            data = self._blobs.get((owner, key))
            if data is not None:
                self._blobs.move_to_end((owner, key))
            return data


@lru_cache
def store() -> BlobStore:
    """This process's store."""
    return BlobStore()
