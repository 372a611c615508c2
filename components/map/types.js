// The shapes that several modules share; no code.

/**
 * The points as they are drawn and tested.
 * @typedef {object} Cloud
 * @property {Float32Array} positions x, y, z of each point, 3 N
 * @property {Uint8Array} codes palette index of each point, N
 * @property {Uint8Array} hidden 256 flags, 1 = points of this palette index are not shown
 */

/**
 * The points as the camera sees them.
 * @typedef {object} Sight
 * @property {Cloud} cloud
 * @property {import('./projection.js').Matrix} matrix world to clip space
 * @property {number} width of the stage, CSS px
 * @property {number} height CSS px
 * @property {number} targetDepth distance of the camera's target, at which points have their full
 *   size; 0 on a flat map, where all have it
 */

/** @typedef {{low: import('./projection.js').Vector, high: import('./projection.js').Vector}} Bounds */

/**
 * One line of the legend. `other` gathers the classes beyond the palette, `none` the points
 * without a value, `dimmed` those that are shown faintly and cannot be selected.
 * @typedef {{code: number, kind: 'class' | 'other' | 'none' | 'dimmed', label: string, colour: string,
 *   count: number}} LegendEntry
 */

/**
 * `steps` codes from the first on stand for colours that lie evenly between `colours`.
 * @typedef {{low: number, high: number, unit: string, colours: string[], steps: number,
 *   dates: boolean}} ColourScale
 */

/** @typedef {{title: string, entries: LegendEntry[], scale: ColourScale | null}} Legend */

/** @typedef {{version: string, url: string | null}} GivenSelection */

/**
 * What a map shares with the page around it (components/map/link.py).
 * @typedef {object} Link
 * @property {import('./lasso.js').SelectionMode} mode
 * @property {string} camera_as
 * @property {string} hidden_as
 * @property {number[] | null} camera to start from, as `Camera.numbers` gives it
 * @property {string[]} hidden hashes of the classes that are hidden at first
 * @property {Record<string, string>} parameters of the page itself
 * @property {number | null} opened id of the image that is shown large beside the map
 */

/**
 * What Python sends (components/map/__init__.py).
 * @typedef {object} MapData
 * @property {string} view id under which camera, selection and hidden classes are kept
 * @property {string} dataset changes with the coordinates or the image ids
 * @property {number} n
 * @property {2 | 3} dim
 * @property {number} height CSS px
 * @property {number} around CSS px of the window's height to leave free; 0: the height is fixed
 * @property {Bounds} bounds
 * @property {string} points_url positions, float32 little-endian, 3 N; behind them the ids as
 *   components/map/points.py packs them
 * @property {string} codes_url uint8, N
 * @property {[number, number, number][]} palette at most 256 sRGB colours
 * @property {Legend} legend
 * @property {GivenSelection} selection bits by index, low bit first
 * @property {number | null} seen stamp of the last event that Python has handled
 * @property {Link | null} link
 * @property {string} thumbnail_url with `{id}`
 * @property {string} summary_url with `{id}`
 * @property {string} language BCP 47
 * @property {Record<string, string>} texts
 */

/** @typedef {'navigate' | 'lasso' | 'rectangle'} Tool */

/**
 * What a key or a button of the toolbar does.
 * @typedef {'navigate' | 'lasso' | 'rectangle' | 'fit' | 'clear' | 'escape' | 'open' | 'undo' |
 *   'redo' | 'visible_only' | 'look' | 'guides' | 'labels' | 'pictures' | 'spin' | 'save' |
 *   'front' | 'side' | 'top' | 'hold_pan' | 'left' | 'right' | 'up' | 'down' | 'zoom_in' | 'zoom_out'} Action
 */

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

export {};
