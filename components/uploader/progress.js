// How fast, how much, how long: figures of a running upload.

const WINDOW_MS = 8000;

/** Speed over the last seconds. */
export class RateMeter {
  constructor() {
    /** @type {{time: number, bytes: number}[]} */
    this.samples = [];
  }

  /**
   * @param {number} time ms
   * @param {number} bytes sent in all
   */
  add(time, bytes) {
    this.samples.push({ time, bytes });
    while (this.samples.length > 2 && this.samples[0].time < time - WINDOW_MS) {
      this.samples.shift();
    }
  }

  /** @returns {number} bytes per second; 0 while there is nothing to tell it from */
  rate() {
    const first = this.samples[0];
    const last = this.samples[this.samples.length - 1];
    if (!first || last.time - first.time < 500) return 0;
    return Math.max(0, (last.bytes - first.bytes) / (last.time - first.time) * 1000);
  }
}

/**
 * A number of bytes in the reader's language: 3.2 MB.
 * @param {number} bytes
 * @param {string} language
 */
export function formatBytes(bytes, language) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let power = 0;
  let value = bytes;
  for (; value >= 999.5 && power < units.length - 1; power++) value /= 1000;
  const digits = power > 0 && value < 99.95 ? 1 : 0;
  return new Intl.NumberFormat(language, {
    style: 'unit', unit: units[power], unitDisplay: 'short', maximumFractionDigits: digits,
  }).format(value);
}

/**
 * A length of time, rounded to what matters: 45 sec, 12 min, 3 hr 20 min.
 * @param {number} seconds
 * @param {string} language
 */
export function formatDuration(seconds, language) {
  const unit = (/** @type {number} */ value, /** @type {string} */ name) => new Intl.NumberFormat(
    language, { style: 'unit', unit: name, unitDisplay: 'short' },
  ).format(value);
  if (seconds < 59.5) return unit(Math.max(1, Math.round(seconds)), 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  const hours = unit(Math.floor(minutes / 60), 'hour');
  return minutes % 60 ? `${hours} ${unit(minutes % 60, 'minute')}` : hours;
}
