// Files out of a drop or a picker, with their paths below what was dropped or picked.

/** @typedef {{file: File, path: string}} Found */

/**
 * One spelling for each name: macOS takes Korean and accented letters apart, and a broken name
 * cannot travel in an address.
 * @param {string} path
 */
export function tidyPath(path) {
  return path.replace(/^\/+/, '').replace(/\p{Surrogate}/gu, '\ufffd').normalize('NFC');
}

/**
 * @param {FileList} files of an `<input type="file">`, perhaps of a folder
 * @returns {Found[]}
 */
export function filesOfInput(files) {
  return Array.from(files, (file) => ({
    file, path: tidyPath(file.webkitRelativePath || file.name),
  }));
}

/**
 * Everything in a drop, folders to their last file.
 * @param {DataTransfer} transfer read before the drop event ends
 * @param {(count: number) => void} onFound files found so far
 * @param {(path: string) => void} onUnreadable a folder or file that cannot be read
 * @returns {Promise<Found[]>}
 */
export function filesOfDrop(transfer, onFound, onUnreadable) {
  // The transfer is emptied when its event ends, so take the entries out at once.
  /** @type {(FileSystemEntry | Found)[]} */
  const dropped = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = entry ? null : item.getAsFile();
    if (entry) dropped.push(entry);
    else if (file) dropped.push({ file, path: tidyPath(file.name) });
  }
  return filesOfEntries(dropped, onFound, onUnreadable);
}

/**
 * @param {(FileSystemEntry | Found)[]} dropped
 * @param {(count: number) => void} onFound
 * @param {(path: string) => void} onUnreadable
 */
async function filesOfEntries(dropped, onFound, onUnreadable) {
  /** @type {Found[]} */
  const found = [];
  const waiting = [...dropped];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    if ('file' in next && 'path' in next) {
      found.push(next);
      continue;
    }
    const entry = /** @type {FileSystemEntry} */ (next);
    try {
      if (entry.isDirectory) {
        waiting.unshift(...await children(/** @type {FileSystemDirectoryEntry} */ (entry)));
      } else {
        const file = await fileOf(/** @type {FileSystemFileEntry} */ (entry));
        found.push({ file, path: tidyPath(entry.fullPath) });
      }
    } catch {
      onUnreadable(tidyPath(entry.fullPath));
    }
    if (found.length % 100 === 0) onFound(found.length);
  }
  onFound(found.length);
  return found;
}

/**
 * @param {FileSystemDirectoryEntry} directory
 * @returns {Promise<FileSystemEntry[]>}
 */
async function children(directory) {
  const reader = directory.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    // Browsers give at most a hundred at a time, and none when there are no more.
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return all;
    for (const entry of some) all.push(entry);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => { entry.file(resolve, reject); });
}

/**
 * Whether a file's name says that it is of no use; one without an ending may be anything.
 * @param {string} path
 * @param {string[]} accept endings in lower case, with their dot
 */
export function isRefused(path, accept) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot >= 0 && !accept.includes(name.slice(dot).toLowerCase());
}
