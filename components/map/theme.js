// Streamlit's colours as the drawing code needs them.

/** Colours are few and reading one back from a canvas waits for the graphics card. @type {Map<string, number[]>} */
const known = new Map();

/**
 * @param {Element} element inside the component
 * @returns {{ink: number[], background: number[]}} sRGB in [0, 1]
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  return {
    ink: parsed(style.getPropertyValue('--st-text-color').trim()),
    background: parsed(style.getPropertyValue('--st-background-color').trim()),
  };
}

/** @param {string} css any colour */
function parsed(css) {
  let colour = known.get(css);
  if (!colour) known.set(css, (colour = hex(css) ?? painted(css)));
  return colour;
}

/**
 * @param {string} css
 * @returns {number[] | null} null if it is not written as `#rrggbb`
 */
export function hex(css) {
  if (!/^#[0-9a-f]{6}$/i.test(css)) return null;
  return [1, 3, 5].map((at) => parseInt(css.slice(at, at + 2), 16) / 255);
}

/** @param {string} css */
function painted(css) {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (!canvas) return [0.5, 0.5, 0.5];
  canvas.fillStyle = css;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data.subarray(0, 3)].map((part) => part / 255);
}
