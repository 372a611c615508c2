// Views that outlive their place on a page.
//
// Streamlit calls a component's entry on every change of its data, mounts it anew after a page
// switch, and gives no name that survives that. So each view carries an id of ours in its data
// and is kept here.

/**
 * What Streamlit hands to a component.
 * @template T
 * @typedef {{
 *   data: T,
 *   parentElement: HTMLElement | ShadowRoot,
 *   setTriggerValue: (name: string, value: unknown) => void,
 * }} Component
 */

/**
 * @template T
 * @typedef {{
 *   root: HTMLElement,
 *   update: (component: Component<T>) => void,
 *   attached?: () => void,
 *   detached?: () => void,
 *   busy?: () => boolean,
 *   dispose?: () => void,
 * }} KeptView
 * `attached` runs after the root joined a page and `update` has run, `detached` before it leaves;
 * a busy view is never dropped.
 */

/**
 * Make a component's entry from a factory of views.
 * @template {{view: string}} T
 * @param {(component: Component<T>) => KeptView<T>} create gets the first call's component
 * @param {number} [limit] views kept, beyond those on the page
 * @returns {(component: Component<T>) => () => void}
 */
export function keepViews(create, limit = 4) {
  /** @type {Map<string, {view: KeptView<T>, mount: number}>} */
  const kept = new Map();
  return (component) => {
    const id = component.data.view;
    const entry = kept.get(id) ?? { view: create(component), mount: 0 };
    kept.delete(id);
    kept.set(id, entry);
    const { view } = entry;
    const moved = view.root.parentNode !== component.parentElement;
    if (moved) component.parentElement.append(view.root);
    view.update(component);
    if (moved) view.attached?.();
    dropOldest(kept, limit);
    const mount = ++entry.mount;
    return () => {
      // Streamlit also cleans up a call that a later call on the same place has overtaken.
      if (mount !== entry.mount) return;
      view.detached?.();
      view.root.remove();
    };
  };
}

/**
 * @template T
 * @param {Map<string, {view: KeptView<T>, mount: number}>} kept oldest first
 * @param {number} limit
 */
function dropOldest(kept, limit) {
  for (const [id, { view }] of kept) {
    if (kept.size <= limit) return;
    if (view.root.isConnected || view.busy?.()) continue;
    view.dispose?.();
    kept.delete(id);
  }
}
