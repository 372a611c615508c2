// @ts-check
/**
 * A link that looks like Streamlit's main button and stays on the page.
 *
 * @param {{data: {label: string, url: string}, parentElement: HTMLElement | ShadowRoot}} component
 */
export default function show({ data, parentElement }) {
  const link = parentElement.querySelector("a") ?? document.createElement("a");
  link.href = new URL(data.url, document.location.origin).href;
  link.download = "";
  link.textContent = data.label;
  parentElement.append(link);
}
