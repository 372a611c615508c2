// Streamlit's colours as the drawing code needs them.

/**
 * @param {Element} element inside the component
 * @returns {{ink: number[], background: number[]}} sRGB in [0, 1]
 */
export function readTheme(element) {
  return {
    ink: colourOf(element, '--st-text-color'),
    background: colourOf(element, '--st-background-color'),
  };
}

/**
 * @param {Element} element
 * @param {string} variable
 */
function colourOf(element, variable) {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d');
  if (!canvas) return [0.5, 0.5, 0.5];
  canvas.fillStyle = getComputedStyle(element).getPropertyValue(variable).trim();
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data.subarray(0, 3)].map((part) => part / 255);
}
